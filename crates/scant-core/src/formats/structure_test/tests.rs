//! Files of tests, and what is read from them, as text.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::*;

/// What `parse` says of a text.
fn outcome(text: &str) -> String {
    match parse(text) {
        Ok(tests) => lines(&tests).join("\n"),
        Err(faults) => faults.iter().map(fault).collect::<Vec<_>>().join("\n"),
    }
}

fn fault(fault: &Fault) -> String {
    let help = fault.help.as_ref().map_or(String::new(), |help| format!(" (help: {help})"));
    format!("{fault}{help}")
}

fn lines(tests: &StructureTests) -> Vec<String> {
    let StructureTests { global_env, tests, options, notes } = tests;
    let mut lines: Vec<_> =
        global_env.iter().map(|(key, value)| format!("env {key}={value}")).collect();
    for Test { name, span, subject } in tests {
        lines.push(format!("{span} {} {name:?}", subject.kind()));
        lines.extend(of_subject(subject).into_iter().map(|line| format!("  {line}")));
    }
    if *options != RunOptions::default() {
        lines.push(format!("{options:?}"));
    }
    lines.extend(notes.iter().map(|note| format!("note {}", fault(note))));
    lines
}

fn of_subject(subject: &Subject) -> Vec<String> {
    match subject {
        Subject::Command(Command { setup, teardown, line, env, stdout, stderr, exit_code }) => {
            let mut lines: Vec<_> = setup.iter().map(|line| format!("setup {line:?}")).collect();
            lines.push(format!("run {line:?} exit {exit_code}"));
            lines.extend(env.iter().map(|(key, value)| format!("env {key}={value}")));
            lines.extend(of_texts("stdout", stdout));
            lines.extend(of_texts("stderr", stderr));
            lines.extend(teardown.iter().map(|line| format!("teardown {line:?}")));
            lines
        }
        Subject::Content(FileContent { path, texts }) => {
            let mut lines = alloc::vec![format!("path {path}")];
            lines.extend(of_texts("content", texts));
            lines
        }
        Subject::Existence(existence) => alloc::vec![format!("{existence:?}")],
        Subject::Metadata(metadata) => alloc::vec![format!("{metadata:?}")],
        Subject::License(license) => alloc::vec![format!("{license:?}")],
    }
}

fn of_texts(name: &str, texts: &Texts) -> Vec<String> {
    let expected = texts.expected.iter().map(|p| format!("{name} =~ {}", p.as_str()));
    let excluded = texts.excluded.iter().map(|p| format!("{name} !~ {}", p.as_str()));
    expected.chain(excluded).collect()
}

#[track_caller]
fn check(text: &str, expected: &str) {
    let found = outcome(text);
    assert!(
        found == expected.trim(),
        "\n--- file\n{text}\n--- expected\n{}\n--- found\n{found}\n",
        expected.trim()
    );
}

#[test]
fn a_file_of_schema_2() {
    check(
        r#"
schemaVersion: 2.0.0
globalEnvVars:
  - {key: APP_HOME, value: /srv/app}
  - {key: PATH, value: "/srv/app/bin:$PATH"}
metadataTest:
  envVars: [{key: PORT, value: 8080}, {key: REV, value: '^[0-9a-f]+$', isRegex: true}]
  unboundEnvVars: [{key: SECRET}]
  labels: [{key: vendor, value: ''}]
  entrypoint: []
  cmd: [serve, -p, 8080]
  exposedPorts: [8080]
  unexposedPorts: ["22"]
  volumes: [/data]
  unmountedVolumes: [/tmp]
  workdir: /srv
  user: web
commandTests:
- name: "version"
  setup: [[touch, /tmp/x], ["chmod", "0600", "/tmp/x"]]
  teardown: [[rm, /tmp/x]]
  command: server
  args: ["--version", 2]
  envVars: [{key: LANG, value: C}]
  expectedOutput: ['server \d+\.\d+', "{\"ok\":"]
  excludedOutput: [beta]
  expectedError: ['^$']
  excludedError: [warning]
  exitCode: 3
fileExistenceTests:
- {name: app, path: /srv/app, permissions: drwxr-xr-x, uid: 0, gid: 33, isExecutableBy: group, isDirectory: yes}
- {name: no shell, path: /bin/sh, shouldExist: false}
fileContentTests:
- {name: conf, path: /etc/app.conf, expectedContents: [listen], excludedContents: [debug]}
licenseTests:
- {debian: false, files: [/LICENSE]}
"#,
        r#"
env APP_HOME=/srv/app
env PATH=/srv/app/bin:$PATH
7:3 metadata ""
  Metadata { env: [("PORT", Exact("8080")), ("REV", Matching(Pattern("^[0-9a-f]+$")))], unbound_env: ["SECRET"], labels: [("vendor", Exact(""))], entrypoint: Some([]), cmd: Some(["serve", "-p", "8080"]), exposed_ports: ["8080"], unexposed_ports: ["22"], volumes: ["/data"], unmounted_volumes: ["/tmp"], workdir: Some("/srv"), user: Some("web") }
19:3 command "version"
  setup ["touch", "/tmp/x"]
  setup ["chmod", "0600", "/tmp/x"]
  run ["server", "--version", "2"] exit 3
  env LANG=C
  stdout =~ server \d+\.\d+
  stdout =~ {"ok":
  stdout !~ beta
  stderr =~ ^$
  stderr !~ warning
  teardown ["rm", "/tmp/x"]
31:3 file "app"
  Existence { path: "/srv/app", should_exist: true, is_directory: Some(true), permissions: Some("drwxr-xr-x"), uid: Some(0), gid: Some(33), executable_by: Some(Group) }
32:3 file "no shell"
  Existence { path: "/bin/sh", should_exist: false, is_directory: None, permissions: None, uid: None, gid: None, executable_by: None }
34:3 content "conf"
  path /etc/app.conf
  content =~ listen
  content !~ debug
36:3 license ""
  License { debian: false, excepted: ["libgnutls30"], files: ["/LICENSE"] }
"#,
    );
}

#[test]
fn a_file_of_schema_1_in_json_with_tabs() {
    check(
        "{\n\t\"schemaVersion\": \"1.0.0\",\n\t\"commandTests\": [\n\t\t{\n\t\t\t\"name\": \"help\",\n\t\t\t\"command\": [\"tool\", \"help\"],\n\t\t\t\"expectedOutput\": [\"Usage:\\\\s\"]\n\t\t}\n\t],\n\t\"fileExistenceTests\": [\n\t\t{ \"name\": \"root\", \"path\": \"/\", \"isDirectory\": true, \"shouldExist\": true }\n\t],\n\t\"licenseTests\": [{ \"debian\": true, \"files\": [] }]\n}\n",
        r#"
4:3 command "help"
  run ["tool", "help"] exit 0
  stdout =~ Usage:\s
11:3 file "root"
  Existence { path: "/", should_exist: true, is_directory: Some(true), permissions: None, uid: None, gid: None, executable_by: None }
13:19 license ""
  License { debian: true, excepted: [], files: [] }
"#,
    );
}

#[test]
fn the_older_names_of_keys() {
    check(
        "schemaVersion: '2.0.0'\nmetadataTest:\n  env: [{key: A, value: b}]\n  unboundEnv: [{key: C}]\n",
        r#"
3:3 metadata ""
  Metadata { env: [("A", Exact("b"))], unbound_env: ["C"], labels: [], entrypoint: None, cmd: None, exposed_ports: [], unexposed_ports: [], volumes: [], unmounted_volumes: [], workdir: None, user: None }
"#,
    );
}

#[test]
fn the_two_schemas_differ_in_commands() {
    check(
        "schemaVersion: 1.0.0\ncommandTests: [{name: a, command: b}, {name: a, command: [b], args: [c]}]",
        "\
2:35: in schema 1.0.0 `command` is a list (help: write [PROGRAM, ARGUMENT, ...])
2:69: `args` belongs to schema 2.0.0 (help: in 1.0.0, `command` lists the arguments)
",
    );
    check(
        "schemaVersion: 2.0.0\ncommandTests: [{name: a, command: [b, c]}]",
        "2:35: in schema 2.0.0 `command` is the program alone (help: write the arguments as the list `args`)",
    );
}

#[test]
fn a_file_says_its_version() {
    check(
        "commandTests: []",
        "1:1: `schemaVersion` is missing (help: write `schemaVersion: 2.0.0`)",
    );
    check(
        "schemaVersion: 3",
        "1:16: there is no schema version `3` (help: write `schemaVersion: 2.0.0`)",
    );
    check("", "1:1: the file is empty");
}

#[test]
fn all_faults_are_told_at_once() {
    check(
        "\
schemaVersion: 2.0.0
commandTest: []
commandTests:
- {name: '', command: x}
- {name: a, command: ''}
- {name: b, command: x, setup: [[]], expectedOutput: ['(']}
- {command: x}
- {name: c, command: x, envVars: [{key: A=B, value: c}]}
- {name: d, command: x, exitCode: none}
fileExistenceTests:
- {name: a, path: x, isExecutableBy: others}
- {name: a, path: x, shouldExist: maybe}
metadataTest: {label: []}
containerRunOptions: {bindMounts: [data:/data]}
",
        "\
2:1: unknown key `commandTest` (help: did you mean `commandTests`? known keys here: `schemaVersion`, `globalEnvVars`, `commandTests`, `fileExistenceTests`, `fileContentTests`, `metadataTest`, `licenseTests`, `containerRunOptions`)
4:10: a test needs a name
5:22: a command needs a program
6:33: a command needs a program
6:55: `(` is not a regular expression: unclosed group
7:4: `name` is missing here
8:41: `A=B` cannot name an environment variable
9:35: expected a whole number from 0 to 4294967295, found a string
11:38: expected one of `owner`, `group`, `other`, `any`, found `others` (help: did you mean `other`?)
12:35: expected `true` or `false`, found a string
13:16: unknown key `label` (help: did you mean `labels`? known keys here: `env`, `envVars`, `unboundEnv`, `unboundEnvVars`, `labels`, `entrypoint`, `cmd`, `exposedPorts`, `unexposedPorts`, `volumes`, `unmountedVolumes`, `workdir`, `user`)
14:36: `data:/data` is not a mount of two absolute paths (help: write `/on/this/machine:/in/the/image`)
",
    );
}

#[test]
fn what_is_not_done_is_noted() {
    check(
        "\
schemaVersion: 2.0.0
containerRunOptions:
  user: '1000'
  privileged: true
  allocateTty: true
  envFile: vars.env
  envVars: [TOKEN]
  capabilities: [NET_ADMIN]
  drop_capabilities: [chown]
  bindMounts: ['/etc/app:/etc/app:ro']
  network: host
",
        "\
RunOptions { user: Some(\"1000\"), env_file: Some(\"vars.env\"), env_vars: [\"TOKEN\"], bind_mounts: [BindMount { source: \"/etc/app\", target: \"/etc/app\", read_only: true }] }
note 4:15: `privileged` is not given: a sandbox never has more rights than you
note 5:16: no terminal is given: outputs are read as they are
note 8:17: capabilities are not changed: commands have those of the sandbox
note 9:22: capabilities are not changed: commands have those of the sandbox
note 11:12: no network is given by a file of tests; `--net host` gives it
",
    );
    check(
        "schemaVersion: 2.0.0\ncontainerRunOptions: {privileged: no, network: none, capabilities: []}",
        "",
    );
}

#[test]
fn a_manifest_is_told_as_what_it_is() {
    assert_eq!(
        outcome("input: {backend: host}\nbinaries: [HOST/bin/x]\n"),
        "1:1: this is a manifest, not a file of tests: it has `input` (help: `scant build` and `scant plan` take manifests)"
    );
}
