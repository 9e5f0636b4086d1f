//! The rules of command tests.

use super::place::{Place, outcomes, sandbox};
use crate::run::run;
use crate::scant::scant;
use crate::tools::{require, require_ok};

#[test]
fn what_a_command_writes_and_how_it_ends() {
    require!(BUSYBOX);
    require_ok!(sandbox());
    Place::new().check(
        "",
        r#"
commandTests:
- {name: out, command: sh, args: [-c, 'echo one; echo two >&2'], expectedOutput: ['^one\n$'], expectedError: ['^two\n$']}
- {name: code, command: sh, args: [-c, 'exit 3'], exitCode: 3}
- {name: wrong code, command: sh, args: [-c, 'echo no >&2; exit 3']}
- {name: killed, command: sh, args: [die], exitCode: 143}
- {name: by path, command: /bin/busybox, args: [echo, x], expectedOutput: [x], excludedOutput: [y], excludedError: ['.']}
- {name: entrypoint, command: sh, args: [-c, 'true'], excludedOutput: [entrypoint]}
- {name: directory, command: sh, args: [-c, 'pwd; cat file'], expectedOutput: ['^/srv\nof the image\n$']}
- {name: environment, command: env, expectedOutput: ['(?m)^GREETING=hello$', '(?m)^PATH=/bin$']}
"#,
        "
out: ok
code: ok
wrong code: the exit code is 3, not 0
standard error:
  | no
killed: ok
by path: ok
entrypoint: ok
directory: ok
environment: ok
",
    );
}

#[test]
fn variables_come_from_the_image_the_file_and_the_test() {
    require!(BUSYBOX);
    require_ok!(sandbox());
    Place::new().check(
        "",
        r#"
globalEnvVars:
- {key: PATH, value: '/opt/bin:$PATH'}
- {key: WHOLE, value: '$GREETING world'}
commandTests:
- {name: global, command: env, expectedOutput: ['(?m)^PATH=/opt/bin:/bin$', '(?m)^WHOLE=hello world$']}
- {name: own, command: env, envVars: [{key: GREETING, value: bye}], expectedOutput: ['(?m)^GREETING=bye$']}
- {name: arguments, command: echo, args: ['$WHOLE', '${GREETING}'], expectedOutput: ['^hello world hello\n$']}
"#,
        "global: ok\nown: ok\narguments: ok",
    );
}

#[test]
fn each_test_has_a_fresh_copy() {
    require!(BUSYBOX);
    require_ok!(sandbox());
    let tests = r#"
commandTests:
- name: one
  setup: [[touch, /srv/made], [rm, /srv/file]]
  command: sh
  args: [-c, 'ls /srv; touch /srv/later']
  teardown: [[sh, -c, 'test -e /srv/later && touch /srv/made']]
  expectedOutput: ['^die\nmade\n$']
- name: two
  command: ls
  args: [/srv]
  expectedOutput: ['^die\nfile\n$']
"#;
    let place = Place::new();
    place.check("", tests, "one: ok\ntwo: ok");
    place.check("--jobs 8", tests, "one: ok\ntwo: ok");
    place.check("--jobs 1", tests, "one: ok\ntwo: ok");
}

#[test]
fn a_command_that_does_not_end_is_killed() {
    require!(BUSYBOX);
    require_ok!(sandbox());
    Place::new().check(
        "--timeout 1",
        r#"
commandTests:
- {name: endless, command: sh, args: [-c, 'echo begun; sleep 1000 & sleep 1000']}
- {name: quick, command: echo, args: [x]}
"#,
        "
endless: it did not end within 1 s, and was killed
standard output:
  | begun
quick: ok
",
    );
}

#[test]
fn a_flood_is_bounded() {
    require!(BUSYBOX);
    require_ok!(sandbox());
    Place::new().check(
        "",
        r#"
commandTests:
- {name: flood, command: sh, args: [-c, 'busybox yes | busybox head -c 100000000'], expectedOutput: ['^y\n']}
"#,
        "flood: ok",
    );
}

#[test]
fn what_is_not_there_fails_its_test_alone() {
    require!(BUSYBOX);
    require_ok!(sandbox());
    let place = Place::new();
    place.write(
        "tests.yaml",
        "\
schemaVersion: 2.0.0
commandTests:
- {name: gone, command: gone}
- {name: no program, command: /srv/file}
- {name: there, command: echo}
",
    );
    let ran = scant(place.path(), "test image -c tests.yaml --json").end();
    let found = outcomes(&ran);
    let lines: Vec<_> = found.lines().collect();
    assert!(lines[0].starts_with("gone: ") && lines[0].contains("gone"), "{found}");
    assert!(lines[1].starts_with("no program: ") && lines[1].contains("/srv/file"), "{found}");
    assert_eq!(lines.last(), Some(&"there: ok"), "{found}");
}

#[test]
fn a_command_has_no_network_and_cannot_reach_the_machine() {
    require!(BUSYBOX);
    require_ok!(sandbox());
    let place = Place::new();
    let secret = place.path().join("secret");
    place.write("secret", "of the machine");
    let secret = secret.display();
    place.check(
        "",
        &format!(
            "
commandTests:
- {{name: network, command: sh, args: [-c, 'cat /proc/net/dev'], excludedOutput: ['eth', 'ens', 'wlan']}}
- {{name: files, command: cat, args: [{secret}], exitCode: 1, excludedOutput: [machine]}}
"
        ),
        "network: ok\nfiles: ok",
    );
}

#[test]
fn what_the_file_says_of_how_commands_are_run() {
    require!(BUSYBOX);
    require_ok!(sandbox());
    let place = Place::new();
    place.write("vars.env", "# of the file\nFROM_FILE='a b'\n");
    place.write("mounted", "of the machine\n");
    place.write(
        "tests.yaml",
        &format!(
            "\
schemaVersion: 2.0.0
containerRunOptions:
  user: '7:7'
  envFile: vars.env
  envVars: [HANDED_ON]
  bindMounts: ['{}/mounted:/srv/mounted:ro']
commandTests:
- {{name: user, command: id, args: [-u], expectedOutput: ['^7\\n$']}}
- {{name: variables, command: env, expectedOutput: ['FROM_FILE=a b', HANDED_ON=secret], excludedOutput: [KEPT]}}
- {{name: mount, command: cat, args: [mounted], expectedOutput: ['of the machine']}}
- {{name: read-only, command: sh, args: [-c, 'echo x > mounted'], exitCode: 1}}
",
            place.path().display()
        ),
    );
    let ran = scant(place.path(), "test image -c tests.yaml --json")
        .env("HANDED_ON", "secret")
        .env("KEPT", "back")
        .end();
    // As an ordinary user without a range of user numbers nobody else can be.
    assert_eq!(outcomes(&ran), "user: ok\nvariables: ok\nmount: ok\nread-only: ok\n");
}

#[test]
fn an_ordinary_user_runs_them_too() {
    require!(BUSYBOX, SETPRIV);
    require_ok!(sandbox());
    if run("id").arg("-u").ok().trim() != "0" {
        // All other tests here are made as an ordinary user then.
        return;
    }
    let place = Place::new();
    place.write(
        "tests.yaml",
        "\
schemaVersion: 2.0.0
commandTests:
- {name: root, command: id, args: [-u], expectedOutput: ['^0\\n$']}
- {name: fresh, setup: [[touch, /srv/made]], command: ls, args: [/srv], expectedOutput: [made]}
- {name: again, command: ls, args: [/srv], excludedOutput: [made]}
",
    );
    run("chmod").words("-R a+rX").arg(place.path()).ok();
    let ran = run("setpriv")
        .directory(place.path())
        .words("--reuid 65534 --regid 65534 --clear-groups")
        .arg(env!("CARGO_BIN_EXE_scant"))
        .words("test image -c tests.yaml --json")
        .without_env("HOME")
        .without_env("XDG_CACHE_HOME")
        .end();
    assert_eq!(outcomes(&ran), "root: ok\nfresh: ok\nagain: ok\n");
}

#[test]
fn what_others_read_of_junit() {
    require!(BUSYBOX, PYTHON3);
    require_ok!(sandbox());
    let place = Place::new();
    place.write(
        "tests.yaml",
        "\
schemaVersion: 2.0.0
commandTests:
- {name: good, command: echo, args: [x]}
- {name: \"<bad> & 'more'\", command: sh, args: [-c, 'printf \"\\\\033[1m]]>\\\\001<&\\\\377\"; exit 1']}
",
    );
    scant(place.path(), "test image -c tests.yaml -q --junit out.xml").end().expect(1);
    place.write(
        "read.py",
        "\
import xml.etree.ElementTree as tree
root = tree.parse('out.xml').getroot()
print(root.tag, root.get('tests'), root.get('failures'))
for case in root.iter('testcase'):
    failure = case.find('failure')
    out = case.find('system-out')
    print(case.get('name'), float(case.get('time')) >= 0, failure is not None and failure.get('message'), ascii(out.text) if out is not None else None)
",
    );
    let said = run("python3").directory(place.path()).arg("read.py").ok();
    assert_eq!(
        said,
        "\
testsuites 2 1
good True False 'x\\n'
<bad> & 'more' True the exit code is 1, not 0 '\\ufffd[1m]]>\\ufffd<&\\ufffd'
"
    );
}
