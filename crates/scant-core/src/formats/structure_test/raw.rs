//! A file of structure tests as it is written: serde types. Their doc comments are the descriptions
//! in the schema of the manifest, so they speak to the user.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};

use crate::formats::yaml::{Spanned, Text};

/// Arguments of a program; numbers need no quotes.
pub(in crate::formats) type Words = Vec<Spanned<Text>>;

/// Tests of what is built, in the form of container-structure-test, schema 2.0.0.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::formats) struct StructureTests {
    /// The version of this form: `2.0.0`, or `1.0.0` in a file of its own.
    pub(in crate::formats) schema_version: Option<Spanned<Text>>,
    /// Variables of all commands. `$NAME` in a value is the image's variable.
    #[serde(default)]
    pub(super) global_env_vars: Vec<Spanned<Variable>>,
    /// Commands that are run in the image, each in a fresh copy of it.
    #[serde(default)]
    pub(super) command_tests: Vec<Spanned<CommandTest>>,
    /// Files that are there, or are not.
    #[serde(default)]
    pub(super) file_existence_tests: Vec<Spanned<FileExistenceTest>>,
    /// What files say.
    #[serde(default)]
    pub(super) file_content_tests: Vec<Spanned<FileContentTest>>,
    /// How the image is run and described.
    pub(super) metadata_test: Option<Spanned<MetadataTest>>,
    /// Licenses that no package may have.
    #[serde(default)]
    pub(super) license_tests: Vec<Spanned<LicenseTest>>,
    /// How commands are run.
    pub(super) container_run_options: Option<ContainerRunOptions>,
}

/// A variable of the environment, or a label.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Variable {
    /// Its name.
    pub(super) key: Spanned<Text>,
    /// Its value.
    pub(super) value: Option<Spanned<Text>>,
    /// Whether the value is a regular expression. Only where values are expected.
    pub(super) is_regex: Option<Truth>,
}

/// A command, and what it should print. Expected and excluded texts are regular expressions of Go.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CommandTest {
    /// What it is called.
    pub(super) name: Spanned<Text>,
    /// Commands that are run before it, in the same copy of the image.
    #[serde(default)]
    pub(super) setup: Vec<Spanned<Words>>,
    /// Commands that are run after it.
    #[serde(default)]
    pub(super) teardown: Vec<Spanned<Words>>,
    /// The program. `$NAME` is a variable of its environment, here and in arguments.
    pub(super) command: Spanned<Command>,
    /// Its arguments.
    #[serde(default)]
    pub(super) args: Option<Spanned<Words>>,
    /// Variables of this command.
    #[serde(default)]
    pub(super) env_vars: Vec<Spanned<Variable>>,
    /// What standard output must match.
    #[serde(default)]
    pub(super) expected_output: Words,
    /// What standard output must not match.
    #[serde(default)]
    pub(super) excluded_output: Words,
    /// What standard error must match.
    #[serde(default)]
    pub(super) expected_error: Words,
    /// What standard error must not match.
    #[serde(default)]
    pub(super) excluded_error: Words,
    /// The exit code; 0 unless said.
    pub(super) exit_code: Option<u32>,
}

/// A path that is there, or is not.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct FileExistenceTest {
    /// What it is called.
    pub(super) name: Spanned<Text>,
    /// The path; `$NAME` is a variable of the image.
    pub(super) path: Spanned<Text>,
    /// Whether it should be there; true unless said.
    pub(super) should_exist: Option<Truth>,
    /// Whether it should be a directory.
    pub(super) is_directory: Option<Truth>,
    /// Its type and permissions, such as `-rwxr-xr-x`.
    pub(super) permissions: Option<Spanned<Text>>,
    /// The number of its owner.
    pub(super) uid: Option<u32>,
    /// The number of its group.
    pub(super) gid: Option<u32>,
    /// Who may execute it.
    pub(super) is_executable_by: Option<ExecutableBy>,
}

/// Whose permission to execute is asked for.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum ExecutableBy {
    /// The owner of the file.
    Owner,
    /// The group of the file.
    Group,
    /// All others.
    Other,
    /// Any of these.
    Any,
}

/// What a file says.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct FileContentTest {
    /// What it is called.
    pub(super) name: Spanned<Text>,
    /// The file; `$NAME` is a variable of the image.
    pub(super) path: Spanned<Text>,
    /// What it must match.
    #[serde(default)]
    pub(super) expected_contents: Words,
    /// What it must not match.
    #[serde(default)]
    pub(super) excluded_contents: Words,
}

/// How the image is run and described. What is not named is not tested.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct MetadataTest {
    /// Variables that are set.
    #[serde(default, alias = "env")]
    pub(super) env_vars: Vec<Spanned<Variable>>,
    /// Variables that are not set.
    #[serde(default, alias = "unboundEnv")]
    pub(super) unbound_env_vars: Vec<Spanned<Variable>>,
    /// Labels.
    #[serde(default)]
    pub(super) labels: Vec<Spanned<Variable>>,
    /// The entrypoint.
    pub(super) entrypoint: Option<Words>,
    /// The default command.
    pub(super) cmd: Option<Words>,
    /// Ports that are exposed.
    #[serde(default)]
    pub(super) exposed_ports: Words,
    /// Ports that are not exposed.
    #[serde(default)]
    pub(super) unexposed_ports: Words,
    /// Volumes that are declared.
    #[serde(default)]
    pub(super) volumes: Words,
    /// Volumes that are not declared.
    #[serde(default)]
    pub(super) unmounted_volumes: Words,
    /// The working directory.
    pub(super) workdir: Option<Spanned<Text>>,
    /// The user, as the image says it.
    pub(super) user: Option<Spanned<Text>>,
}

/// Files that must not name a license that is not allowed: AGPL, WTFPL.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct LicenseTest {
    /// Whether every directory of `/usr/share/doc` must have a `copyright` that is looked at.
    pub(super) debian: Option<Truth>,
    /// Other files to look at.
    #[serde(default)]
    pub(super) files: Words,
}

/// How commands are run.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ContainerRunOptions {
    /// Whom commands run as; else the user of the image.
    pub(super) user: Option<Spanned<Text>>,
    /// Has no effect: the sandbox never has more rights than who runs it.
    pub(super) privileged: Option<Spanned<Truth>>,
    /// Has no effect: outputs are not a terminal.
    #[serde(alias = "allocateTTY")]
    pub(super) allocate_tty: Option<Spanned<Truth>>,
    /// A file of variables, one `NAME=value` a line.
    pub(super) env_file: Option<Spanned<Text>>,
    /// Variables that are taken over from the environment of scant.
    #[serde(default)]
    pub(super) env_vars: Words,
    /// Has no effect: commands have the capabilities that the sandbox gives.
    #[serde(default)]
    pub(super) capabilities: Option<Spanned<Words>>,
    /// Has no effect, likewise.
    #[serde(default, alias = "drop_capabilities")]
    pub(super) drop_capabilities: Option<Spanned<Words>>,
    /// Directories and files of this machine that commands see: `HOST:PATH`, with `:ro` read-only.
    #[serde(default)]
    pub(super) bind_mounts: Words,
    /// The network. Commands have none, unless it is asked for on the command line.
    pub(super) network: Option<Spanned<Text>>,
}

/// A program (2.0.0), or a program with its arguments (1.0.0).
#[derive(Debug)]
pub(super) enum Command {
    Program(String),
    Line(Vec<Spanned<Text>>),
}

/// A boolean, in YAML 1.1's words as well.
#[derive(Clone, Copy, Debug)]
pub(super) struct Truth(pub(super) bool);

impl<'de> Deserialize<'de> for Command {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;

        impl<'de> Visitor<'de> for Read {
            type Value = Command;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Command, E> {
                Ok(Command::Program(text.into()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Command, A::Error> {
                let mut words = Vec::new();
                while let Some(word) = items.next_element()? {
                    words.push(word);
                }
                Ok(Command::Line(words))
            }
        }

        deserializer.deserialize_any(Read)
    }
}

impl<'de> Deserialize<'de> for Truth {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;

        impl Visitor<'_> for Read {
            type Value = Truth;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`true` or `false`")
            }

            fn visit_bool<E: Error>(self, truth: bool) -> Result<Truth, E> {
                Ok(Truth(truth))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Truth, E> {
                match &*text.to_ascii_lowercase() {
                    "true" | "yes" | "on" | "y" => Ok(Truth(true)),
                    "false" | "no" | "off" | "n" => Ok(Truth(false)),
                    _ => Err(E::custom("expected `true` or `false`, found a string")),
                }
            }
        }

        deserializer.deserialize_any(Read)
    }
}

impl JsonSchema for Command {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Command".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string" })
    }
}

impl JsonSchema for Truth {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Truth".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "boolean" })
    }
}
