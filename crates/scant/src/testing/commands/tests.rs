//! What tests run, and in which copies: with an engine that only writes down what it is asked for.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use super::*;
use scant_core::formats::structure_test;

/// Writes down what it is asked to run. A program called `exit` ends with its argument, `print`
/// prints it, `gone` is not there.
#[derive(Default)]
struct Book(Mutex<Vec<String>>);

impl Engine for Book {
    fn run(&self, commands: &Commands<'_>) -> Result<Ended, Failure> {
        let mut written = self.0.lock().unwrap();
        let mut end = |line: &Vec<String>| {
            written.push(line.join(" "));
            match &*line[0] {
                "gone" => Err("`gone` is not in the image".into()),
                "exit" => Ok(End::Exit(line[1].parse().unwrap())),
                _ => Ok(End::Exit(0)),
            }
        };
        let setup = commands.setup.iter().map(&mut end).collect();
        let stdout = commands.line.get(1).cloned().unwrap_or_default();
        let ran = end(&commands.line).map(|end| Ran {
            end,
            stdout,
            stderr: String::new(),
            is_cut: false,
        });
        let teardown = commands.teardown.iter().map(&mut end).collect();
        let own = commands.env.iter().filter(|(name, _)| name.len() == 1);
        let own: Vec<_> = own.map(|(name, value)| format!("{name}={value}")).collect();
        written.push(format!("with {} as {:?}", own.join(" "), commands.user));
        Ok(Ended { setup, ran, teardown })
    }
}

/// What is run for the tests of a file, and what is wrong in the end.
#[track_caller]
fn check(tests: &str, expected: &str) {
    let tests = structure_test::parse(&format!("schemaVersion: 2.0.0\n{tests}")).unwrap();
    let suite = Suite { name: "tests.yaml".into(), directory: PathBuf::new(), tests };
    let image = BTreeMap::from([("I".to_string(), "image".to_string())]);
    let env = environment(&image, &[&suite.tests.global_env]);
    let shared = Shared { suite: &suite, env, last: vec![("L".into(), "last".into())] };
    let book = Book::default();
    let options = Options {
        filter: None,
        timeout: Duration::from_secs(1),
        has_network: false,
        jobs: NonZeroUsize::MIN,
    };
    let mut found = Vec::new();
    for test in &suite.tests.tests {
        let Subject::Command(command) = &test.subject else { continue };
        let Ok((wrong, ..)) = one(command, &shared, &book, &options) else { panic!("no engine") };
        found.append(&mut book.0.lock().unwrap());
        found.extend(wrong.iter().map(|line| format!("  {line}")));
    }
    let found = found.join("\n");
    assert!(found == expected.trim(), "\n--- expected\n{expected}\n--- found\n{found}\n");
}

#[test]
fn setup_and_teardown_are_around_the_command() {
    check(
        "\
commandTests:
- {name: a, setup: [[one], [two, x]], command: print, args: [y], teardown: [[three]]}
- {name: b, command: print}
",
        "
one
two x
print y
three
with I=image L=last as None
print
with I=image L=last as None
",
    );
}

#[test]
fn variables_are_replaced() {
    check(
        "\
globalEnvVars: [{key: G, value: $I/g}]
containerRunOptions: {user: web}
commandTests:
- {name: a, setup: [[s, $T]], command: $G, args: ['$T${L}$N', '$(x) $'], envVars: [{key: T, value: '$G/t'}, {key: L, value: x}]}
- {name: b, command: print, args: [$T], expectedOutput: [y]}
",
        "
s image/g/t
image/g image/g/tlast $(x) $
with G=image/g I=image L=last T=image/g/t as Some(\"web\")
print 
with G=image/g I=image L=last as Some(\"web\")
  standard output does not match `y`
  standard output is empty
  run was: [\"print\", \"\"]
",
    );
}

#[test]
fn what_goes_wrong_beside_a_failed_command_is_told() {
    check(
        "\
commandTests:
- {name: a, setup: [[exit, '3'], [gone]], command: exit, args: [0], teardown: [[exit, '4']]}
- {name: a, setup: [[exit, '3'], [gone]], command: exit, args: [1], teardown: [[exit, '4']]}
- {name: a, command: gone}
",
        "
exit 3
gone
exit 0
exit 4
with I=image L=last as None
exit 3
gone
exit 1
exit 4
with I=image L=last as None
  the exit code is 1, not 0
  standard output:
  | 1
  setup [\"exit\", \"3\"] ended with 3
  setup [\"gone\"] was not run: `gone` is not in the image
  teardown [\"exit\", \"4\"] ended with 4
gone
with I=image L=last as None
  `gone` is not in the image
",
    );
}
