//! The routes of words that clients save, in the words of their contract. A description that stands on their own types and handlers takes
//! the place of this.
#![expect(dead_code, reason = "these functions carry descriptions, and nothing is read into these types")]

use utoipa::ToSchema;

/// How a word is said.
#[derive(ToSchema)]
struct WordRequest {
    #[schema(example = "Nguyen")]
    word: String,
    /// In the notation of the lexicon.
    #[schema(example = "win")]
    respelling: String,
}

/// A word that is saved.
#[derive(ToSchema)]
struct SavedWord {
    /// Always `word`.
    object: String,
    word: String,
    respelling: String,
}

/// A word of the list.
#[derive(ToSchema)]
struct ListedWord {
    word: String,
    respelling: String,
}

/// All words that are saved.
#[derive(ToSchema)]
struct WordList {
    /// Always `list`.
    object: String,
    data: Vec<ListedWord>,
    /// Whether this server saves words.
    can_save: bool,
}

/// A word that is no more.
#[derive(ToSchema)]
struct DeletedWord {
    /// Always `word`.
    object: String,
    word: String,
    deleted: bool,
}

/// Words that are saved
#[utoipa::path(get, path = "/v1/lexicon", operation_id = "list_words", tag = "words",
    responses((status = 200, description = "All of them.", body = WordList)))]
pub(super) fn list_words() {}

/// Save a word
///
/// The server says it so from the next request on.
#[utoipa::path(post, path = "/v1/lexicon", operation_id = "save_word", tag = "words", request_body = WordRequest,
    responses((status = 200, description = "It is saved.", body = SavedWord)))]
pub(super) fn save_word() {}

/// Delete a word
#[utoipa::path(delete, path = "/v1/lexicon/{word}", operation_id = "delete_word", tag = "words",
    params(("word" = String, Path, description = "The word.")),
    responses((status = 200, description = "It is gone.", body = DeletedWord)))]
pub(super) fn delete_word() {}
