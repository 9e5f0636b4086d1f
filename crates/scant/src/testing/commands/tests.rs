//! What tests run, and in which copies: with an engine that only writes down what it is asked for.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use scant_core::formats::structure_test;
use scant_core::rules::structure_test::End;

use super::*;

/// Writes down what it is asked to run. A program called `exit` ends with its argument, `print`
/// prints it, `gone` is not there.
#[derive(Default)]
struct Book(Mutex<Vec<String>>, AtomicUsize);

struct Page<'b>(&'b Book, usize);

impl Engine for Book {
    fn copy(&self) -> Result<Box<dyn Copy + '_>, Failure> {
        Ok(Box::new(Page(self, 1 + self.1.fetch_add(1, Ordering::Relaxed))))
    }
}

impl Copy for Page<'_> {
    fn run(&mut self, invocation: &Invocation<'_>) -> Result<Ran, NotRun> {
        let Invocation { line, env, user, .. } = invocation;
        let mut text = format!("{}: {}", self.1, line.join(" "));
        text.extend(user.map(|user| format!(" as {user}")));
        let own = env.iter().filter(|(name, _)| name.len() == 1);
        text.extend(own.map(|(name, value)| format!(" {name}={value}")));
        self.0.0.lock().unwrap().push(text);
        let argument = line.get(1).cloned().unwrap_or_default();
        let code = if line[0] == "exit" { argument.parse().unwrap() } else { 0 };
        match &*line[0] {
            "gone" => Err(NotRun::Program("`gone` is not in the image".into())),
            _ => Ok(Ran {
                end: End::Exit(code),
                stdout: argument,
                stderr: String::new(),
                is_cut: false,
            }),
        }
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
fn each_test_has_a_copy_for_all_its_commands() {
    check(
        "\
commandTests:
- {name: a, setup: [[one], [two, x]], command: print, args: [y], teardown: [[three]]}
- {name: b, command: print}
",
        "
1: one I=image L=last
1: two x I=image L=last
1: print y I=image L=last
1: three I=image L=last
2: print I=image L=last
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
1: s image/g/t as web G=image/g I=image L=last T=image/g/t
1: image/g image/g/tlast $(x) $ as web G=image/g I=image L=last T=image/g/t
2: print  as web G=image/g I=image L=last
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
1: exit 3 I=image L=last
1: gone I=image L=last
1: exit 0 I=image L=last
1: exit 4 I=image L=last
2: exit 3 I=image L=last
2: gone I=image L=last
2: exit 1 I=image L=last
2: exit 4 I=image L=last
  the exit code is 1, not 0
  standard output:
  | 1
  setup [\"exit\", \"3\"] ended with 3
  setup [\"gone\"]: `gone` is not in the image
  teardown [\"exit\", \"4\"] ended with 4
3: gone I=image L=last
  `gone` is not in the image
",
    );
}
