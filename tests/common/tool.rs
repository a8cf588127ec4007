//! Other programs, which `make test` installs. Without one of them the tests that need it fail.

use std::io::ErrorKind;

use serde_json::Value;

use super::TestEnv;

/// Runs a program that must be there, and gives its standard output and, behind it, its standard error.
#[track_caller]
pub fn tool(env: &TestEnv, program: &str, args: &[&str]) -> (Vec<u8>, String) {
    let output = match env.command_of(program).args(args).output() {
        Ok(output) => output,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            panic!("{program} is missing; install it with: sh scripts/setup.sh {program}")
        }
        Err(error) => panic!("{program}: {error}"),
    };
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{program} {args:?}: {said}");
    (output.stdout, said)
}

/// Runs a program in Python that needs mutagen, and gives the JSON that it prints.
#[track_caller]
pub fn mutagen(env: &TestEnv, program: &str, args: &[&str]) -> Value {
    let has_mutagen = |python: &&&str| {
        let run = env.command_of(python).args(["-c", "import mutagen"]).output();
        run.is_ok_and(|run| run.status.success())
    };
    let python = ["python3", "/usr/bin/python3"].iter().find(has_mutagen);
    let python =
        python.unwrap_or_else(|| panic!("mutagen is missing; install it with: sh scripts/setup.sh mutagen"));
    let (printed, _) = tool(env, python, &[&["-c", program], args].concat());
    serde_json::from_slice(&printed).unwrap()
}
