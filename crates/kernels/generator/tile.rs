//! A tile's transforms, and their code.

use std::fmt::Write;

use crate::program::Program;

/// The transforms of a tile.
pub struct Tile {
    pub taps: usize,
    /// Rows of output.
    pub rows: usize,
    /// From rows to factors of products.
    pub input: Program,
    /// From products to rows.
    pub output: Program,
    /// The share of each tap in the other factor of each product.
    pub filters: Vec<Vec<f64>>,
}

impl Tile {
    /// The type `name` with the transforms.
    pub fn code(&self, name: &str, doc: &str) -> String {
        let Self { taps, rows, input, output, filters } = self;
        let mut code = format!("/// {doc}\npub struct {name};\n\nimpl Transform for {name} {{\n");
        let _ = writeln!(code, "    const TAPS: usize = {taps};");
        let _ = writeln!(code, "    const ROWS: usize = {rows};");
        let _ = writeln!(code, "    const FILTERS: &'static [&'static [f64]] = &[");
        for shares in filters {
            let _ = writeln!(code, "        &{shares:?},");
        }
        code += "    ];\n\n";
        code += &input.function("input");
        code += "\n";
        code += &output.function("output");
        code + "}\n\n"
    }
}
