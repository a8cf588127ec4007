//! The imports, prints and items of a source file, read by `syn`. Tests within a file are no part of the program.

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, File, Ident, ImplItem, Item, ItemMod, ItemUse, Macro, Path, UseTree, Visibility};

/// A file and the findings in it: lines and words.
pub struct Source {
    /// Modules around the code, outermost first.
    modules: Vec<String>,
    /// Top-level modules of the crate that are named.
    pub imports: Vec<(usize, String)>,
    /// Macros that are called.
    pub macros: Vec<(usize, String)>,
    /// Crates and modules that begin a path or a `use`.
    pub roots: Vec<(usize, String)>,
    /// Items that are `pub` without restriction, but for modules and `use`.
    pub public: Vec<(usize, String)>,
}

impl Source {
    /// Reads a file; `name` is its path below `src`.
    pub fn new(name: &str, text: &str) -> Self {
        let file: File = syn::parse_str(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut source = Self {
            modules: modules(name),
            imports: Vec::new(),
            macros: Vec::new(),
            roots: Vec::new(),
            public: Vec::new(),
        };
        source.visit_file(&file);
        source.imports.sort();
        source.imports.dedup();
        source
    }

    /// The top-level module that the file belongs to.
    pub fn module(name: &str) -> String {
        modules(name).first().cloned().unwrap_or_else(|| name.trim_end_matches(".rs").to_string())
    }

    /// A path that begins with these words.
    fn note(&mut self, words: &[Ident]) {
        let Some(first) = words.first() else { return };
        let line = first.span().start().line;
        let mut at = match first.to_string().as_str() {
            "crate" => Vec::new(),
            "self" => self.modules.clone(),
            "super" => {
                let mut modules = self.modules.clone();
                modules.pop();
                modules
            }
            root => {
                self.roots.push((line, root.to_string()));
                return;
            }
        };
        for word in &words[1..] {
            if word == "super" {
                at.pop();
            } else {
                at.push(word.to_string());
            }
        }
        self.imports.extend(at.into_iter().next().map(|module| (line, module)));
    }

    fn note_public(&mut self, visibility: &Visibility, name: &Ident) {
        if matches!(visibility, Visibility::Public(_)) {
            self.public.push((name.span().start().line, name.to_string()));
        }
    }

    fn note_tree(&mut self, before: &mut Vec<Ident>, tree: &UseTree) {
        match tree {
            UseTree::Path(path) => {
                before.push(path.ident.clone());
                self.note_tree(before, &path.tree);
                before.pop();
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.note_tree(before, tree)),
            UseTree::Name(syn::UseName { ident }) | UseTree::Rename(syn::UseRename { ident, .. }) => {
                let is_itself = ident == "self" && !before.is_empty();
                let words: Vec<Ident> = before.iter().chain((!is_itself).then_some(ident)).cloned().collect();
                self.note(&words);
            }
            UseTree::Glob(_) => self.note(before),
        }
    }

    /// Paths in the arguments of a macro, which are still plain tokens.
    fn note_tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<Ident> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(word) => {
                    if colons != 2 {
                        self.note(&std::mem::take(&mut path));
                    }
                    path.push(word);
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Group(group) => {
                    self.note(&std::mem::take(&mut path));
                    self.note_tokens(group.stream());
                }
                _ => self.note(&std::mem::take(&mut path)),
            }
        }
        self.note(&path);
    }
}

impl<'a> Visit<'a> for Source {
    fn visit_item(&mut self, item: &'a Item) {
        let attributes: &[Attribute] = match item {
            Item::Mod(item) => &item.attrs,
            Item::Fn(item) => &item.attrs,
            Item::Use(item) => &item.attrs,
            Item::Impl(item) => &item.attrs,
            _ => &[],
        };
        if attributes.iter().any(is_test) {
            return;
        }
        match item {
            Item::Fn(item) => self.note_public(&item.vis, &item.sig.ident),
            Item::Struct(item) => self.note_public(&item.vis, &item.ident),
            Item::Enum(item) => self.note_public(&item.vis, &item.ident),
            Item::Trait(item) => self.note_public(&item.vis, &item.ident),
            Item::Type(item) => self.note_public(&item.vis, &item.ident),
            Item::Const(item) => self.note_public(&item.vis, &item.ident),
            Item::Static(item) => self.note_public(&item.vis, &item.ident),
            _ => {}
        }
        visit::visit_item(self, item);
    }

    fn visit_impl_item(&mut self, item: &'a ImplItem) {
        match item {
            ImplItem::Fn(item) if item.attrs.iter().any(is_test) => return,
            ImplItem::Fn(item) => self.note_public(&item.vis, &item.sig.ident),
            ImplItem::Const(item) => self.note_public(&item.vis, &item.ident),
            _ => {}
        }
        visit::visit_impl_item(self, item);
    }

    fn visit_item_mod(&mut self, item: &'a ItemMod) {
        self.modules.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.modules.pop();
    }

    fn visit_item_use(&mut self, item: &'a ItemUse) {
        self.note_tree(&mut Vec::new(), &item.tree);
    }

    fn visit_path(&mut self, path: &'a Path) {
        let words: Vec<Ident> = path.segments.iter().map(|segment| segment.ident.clone()).collect();
        self.note(&words);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, called: &'a Macro) {
        if let Some(last) = called.path.segments.last() {
            self.macros.push((last.ident.span().start().line, last.ident.to_string()));
        }
        self.note_tokens(called.tokens.clone());
        visit::visit_macro(self, called);
    }
}

fn is_test(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg")
        && attribute.parse_args::<Path>().is_ok_and(|condition| condition.is_ident("test"))
}

/// The modules around a file's code.
fn modules(name: &str) -> Vec<String> {
    let mut modules: Vec<String> = name.trim_end_matches(".rs").split('/').map(str::to_string).collect();
    if modules.last().is_some_and(|last| last == "mod") || modules == ["lib"] || modules == ["main"] {
        modules.pop();
    }
    modules
}
