//! Versions of an agency's story: whichever file they come in, they are one article.

use super::*;

const STORY_ARGS: [&str; 7] = ["batch", "--voice", "tone", "--format", "mp3", "news", "-oout"];

/// A version of an agency's story.
pub fn version(number: &str, day: &str) -> String {
    serde_json::json!({
        "uri": "urn:agency:harbour:7", "version": number, "pubstatus": "usable", "language": "en", "headline": "Port reopens",
        "body_text": format!("The port of Havn reopened on {day} after a storm. Ships came back at noon, the harbour master said.")
    })
    .to_string()
}

fn guids(env: &TestEnv) -> Vec<String> {
    let lines = env.run(&["status", "out", "--json"]).json_lines();
    let published = lines.iter().filter(|line| line["state"] == "published");
    published.map(|line| line["guid"].as_str().unwrap().to_string()).collect()
}

#[test]
fn a_later_version_of_a_story_in_a_file_of_its_own_corrects_the_first() {
    let env = TestEnv::new();
    env.write("news/port-1.ninjs", version("1", "Monday"));
    env.ok(&STORY_ARGS);
    let first = guids(&env);
    env.write("news/port-2.ninjs", version("2", "Tuesday"));
    let run = env.ok(&STORY_ARGS);
    assert!(run.stdout.contains("1 article read, 0 failed, 1 skipped"), "{run}");
    assert_eq!((guids(&env), names(&env)), (first.clone(), vec!["out/port-2.mp3".to_string()]));
    // An unchanged folder is not even read again, and an earlier version that comes late changes nothing.
    env.write("news/port-late.ninjs", version("1", "Friday"));
    env.write("news/port-same.ninjs", version("2", "Tuesday"));
    for turn in 0..3 {
        let run = env.ok(&STORY_ARGS);
        let skipped = "0 articles read, 0 failed, 4 skipped";
        assert!(run.stdout.contains(skipped), "turn {turn}\n{run}");
        assert_eq!((guids(&env), names(&env).len()), (first.clone(), 1), "turn {turn}");
    }
    // Version 10 is later than version 2, also in the file of the first.
    env.write("news/port-1.ninjs", version("10", "Sunday"));
    let run = env.ok(&STORY_ARGS);
    assert_eq!((guids(&env), names(&env)), (first.clone(), vec!["out/port-1.mp3".to_string()]), "{run}");
    // Other settings make it again, once, from its latest version.
    let faster = [&STORY_ARGS[..], &["--speed", "1.25"]].concat();
    let run = env.ok(&faster);
    assert!(run.stdout.contains("1 article read, 0 failed, 3 skipped"), "{run}");
    let run = env.ok(&faster);
    assert!(run.stdout.contains("0 articles read, 0 failed, 4 skipped"), "{run}");
    // Taken back, under whichever name it comes.
    env.ok(&["withdraw", "urn:agency:harbour:7", "-oout"]);
    env.write("news/port-11.ninjs", version("11", "Sunday"));
    let run = env.ok(&faster);
    assert_eq!(names(&env), [""; 0], "{run}");
}

#[test]
fn versions_that_come_together_become_one_report_of_the_latest() {
    let rows = [["1", "2", "3"], ["3", "2", "1"], ["2", "3", "1"]];
    each(rows, |order| {
        let env = TestEnv::new();
        for (place, number) in order.iter().enumerate() {
            env.write(
                &format!("news/{place}.ninjs"),
                version(number, ["Monday", "Tuesday", "Friday"][place]),
            );
        }
        let run = env.ok(&STORY_ARGS);
        let latest = order.iter().position(|number| *number == "3").unwrap();
        assert_eq!(names(&env), [format!("out/{latest}.mp3")], "{order:?}\n{run}");
        let run = env.ok(&STORY_ARGS);
        assert!(run.stdout.contains("0 articles read, 0 failed, 3 skipped"), "{order:?}\n{run}");
        // Nor does --force bring an earlier one back.
        env.ok(&[&STORY_ARGS[..], &["--force"]].concat());
        assert_eq!(names(&env), [format!("out/{latest}.mp3")], "{order:?}");
    });
}
