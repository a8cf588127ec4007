use proptest::prelude::*;

use super::*;
use crate::table_test::each;

/// The quotations of an article that has these paragraphs below its headline, each with its speaker.
fn found(paragraphs: &str) -> Vec<(String, Option<String>)> {
    let article = Article::from_text(format!("Port reopens\n\n{paragraphs}"));
    let Quotations(passages) = Quotations::of(&article);
    let shown = |passage: &Passage| {
        (passage.span.of(article.text()).to_string(), passage.speaker.as_deref().map(str::to_string))
    };
    passages.iter().map(shown).collect()
}

#[test]
fn quotations_begin_and_end_at_their_marks() {
    let rows = [
        ("The port is open.", &[][..]),
        ("“We are going back to work,” he said.", &["“We are going back to work,”"]),
        ("\"We are going back to work,\" he said.", &["\"We are going back to work,\""]),
        ("‘We are going back to work,’ he said.", &["‘We are going back to work,’"]),
        // Four words or fewer are the narrator's, whatever they are.
        ("He said “we are ready now” and left.", &[]),
        ("The so-called “port of last resort” is open.", &[]),
        ("He called it “the best port of all” and left.", &["“the best port of all”"]),
        // A quotation in a quotation is part of it.
        (
            "“He told me ‘go home and stay there now’ and I did,” she said.",
            &["“He told me ‘go home and stay there now’ and I did,”"],
        ),
        (
            "‘He told me “go home and stay there now” and I did,’ she said.",
            &["‘He told me “go home and stay there now” and I did,’"],
        ),
        // An attribution in the middle.
        ("“We are ready,” he said, “to go.”", &["“We are ready,”", "“to go.”"]),
        ("“We are ready,” he said. “To go.”", &[]),
        ("“Yes,” he said, “no.”", &[]),
        // Sentences of one quotation.
        ("“We are ready to go. It is late now,” he said.", &["“We are ready to go. It is late now,”"]),
        // Over several paragraphs: a mark at the head of each, and one at the end.
        (
            "He said: “We are ready to go.\n\n“It is late now.\n\n“Good night,” and left.",
            &["“We are ready to go.", "“It is late now.", "“Good night,”"],
        ),
        (
            "‘We are ready to go.\n\n‘It is late now,’ he said.",
            &["‘We are ready to go.", "‘It is late now,’"],
        ),
        // A mark without a partner quotes nothing.
        ("He said: “We are ready to go.\n\nIt is late now.", &[]),
        ("He said “we are “ready to go now.", &[]),
        ("He said “we all are going home” and “we are all going home.", &["“we all are going home”"]),
        ("It is late now, we are ready to go,” he said.", &[]),
        // Apostrophes and inches quote nothing.
        ("The ministers’ talks about the workers’ long strike ended in the ’90s.", &[]),
        (
            "‘The nurses’ and doctors’ unions will go back to work,’ he said.",
            &["‘The nurses’ and doctors’ unions will go back to work,’"],
        ),
        (
            "'We saw all of the boys' said Tom. The workers' union did not see them.",
            &["'We saw all of the boys'"],
        ),
        (
            "'We saw all of the boys' said Tom, 'and all of the girls,' and went on.",
            &["'We saw all of the boys'", "'and all of the girls,'"],
        ),
        ("A 34\" screen and a 27\" one are in the shop window.", &[]),
    ];
    each(rows, |(text, want)| {
        let got: Vec<String> = found(text).into_iter().map(|(quotation, _)| quotation).collect();
        assert_eq!(got, want, "{text}");
    });
}

#[test]
fn headings_are_the_narrators() {
    let article =
        Article::from_text("“We are all going back to work”\n\nThe port is open. It opened at noon.".into());
    assert_eq!(Quotations::of(&article), Quotations::default());
}

#[test]
fn the_sentence_names_the_speaker() {
    let rows = [
        (
            "“We are going back to work,” said Ann Lee. “It is about time we did,” she added.",
            &[Some("Ann Lee"), None][..],
        ),
        ("“We are ready,” said Ann Lee, “to go back.”", &[Some("Ann Lee"), Some("Ann Lee")]),
        // All sentences of a quotation are the same speaker's.
        ("“We are going back to work. It is time,” Lee said.", &[Some("Lee")]),
        ("Ann Lee said: “We are ready to go.\n\n“It is late now.”", &[Some("Ann Lee"), Some("Ann Lee")]),
        ("Ann Lee was late. “We are going back to work,” the mayor said.", &[None]),
        ("Ann Lee said the port was open. “We are going back to work.”", &[None]),
    ];
    each(rows, |(text, want)| {
        let speakers: Vec<Option<String>> = found(text).into_iter().map(|(_, speaker)| speaker).collect();
        let want: Vec<Option<String>> = want.iter().map(|name| name.map(str::to_string)).collect();
        assert_eq!(speakers, want, "{text}");
    });
}

proptest! {
    #[test]
    fn quotations_are_in_order_and_apart(text in "([a-zA-Z]{1,6}|[“”‘’\"',.?!—]|[ \n]){0,80}") {
        let article = Article::from_text(format!("Port reopens\n\n{text}"));
        let Quotations(passages) = Quotations::of(&article);
        for pair in passages.windows(2) {
            prop_assert!(pair[0].span.end <= pair[1].span.start, "{:?}", passages);
        }
        for passage in &passages {
            prop_assert!(article.text().get(passage.span.start..passage.span.end).is_some());
        }
    }
}
