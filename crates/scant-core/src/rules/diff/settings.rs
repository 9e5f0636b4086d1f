//! What a config and annotations say, one setting by one. Dates and history say how an image came
//! to be, and do not count.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::Serialize;
use serde_json::Value;

use crate::formats::oci::RunConfig;

/// What is compared of an image besides its files.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// `os/architecture[/variant]`.
    pub platform: String,
    /// How a container is run.
    pub run: RunConfig,
    /// Annotations of the image manifest.
    pub annotations: BTreeMap<String, String>,
}

/// A setting that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Setting {
    /// What is set: `user`, or `env PATH` where there are several of a kind.
    pub name: String,
    /// The first image's; none when it does not say.
    pub before: Option<Value>,
    /// The second image's.
    pub after: Option<Value>,
}

/// The settings that differ, sorted by name.
pub fn settings(before: &Settings, after: &Settings) -> Vec<Setting> {
    let (mut before, mut after) = (before.by_name(), after.by_name());
    let names: BTreeSet<String> = before.keys().chain(after.keys()).cloned().collect();
    let setting = |name: String| {
        let (before, after) = (before.remove(&name), after.remove(&name));
        Setting { name, before, after }
    };
    let mut all: Vec<_> = names.into_iter().map(setting).collect();
    all.retain(|setting| setting.before != setting.after);
    all
}

impl Settings {
    /// Each by its name. What is empty is not set.
    fn by_name(&self) -> BTreeMap<String, Value> {
        let Self { platform, run, annotations } = self;
        let mut named = BTreeMap::new();
        let mut set = |name: String, value: Value| {
            let is_empty = match &value {
                Value::Null => true,
                Value::String(text) => text.is_empty(),
                Value::Array(items) => items.is_empty(),
                _ => false,
            };
            if !is_empty {
                named.insert(name, value);
            }
        };
        set("platform".into(), platform.clone().into());
        set("user".into(), run.user.clone().into());
        set("entrypoint".into(), run.entrypoint.clone().into());
        set("cmd".into(), run.cmd.clone().into());
        set("workdir".into(), run.working_dir.clone().into());
        set("stop-signal".into(), run.stop_signal.clone().into());
        let healthcheck = serde_json::to_value(&run.healthcheck);
        set("healthcheck".into(), healthcheck.unwrap_or_default());
        let (ports, volumes) = (run.exposed_ports.keys(), run.volumes.keys());
        ports.for_each(|port| set(["port ", port].concat(), Value::Bool(true)));
        volumes.for_each(|volume| set(["volume ", volume].concat(), Value::Bool(true)));
        for (name, value) in &run.other {
            set(["config ", name].concat(), value.clone());
        }
        // Of these an empty value is one.
        for (name, value) in variables(&run.env) {
            named.insert(["env ", name].concat(), value);
        }
        for (kind, texts) in [("label ", &run.labels), ("annotation ", annotations)] {
            for (name, text) in texts {
                named.insert([kind, name].concat(), text.clone().into());
            }
        }
        named
    }
}

/// The variables by name. One that is set twice has both values.
fn variables(env: &[String]) -> BTreeMap<&str, Value> {
    let mut variables: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for variable in env {
        let (name, value) = variable.split_once('=').unwrap_or((variable, ""));
        variables.entry(name).or_default().push(value);
    }
    let value = |values: Vec<&str>| match values[..] {
        [only] => Value::from(only),
        _ => Value::from(values),
    };
    variables.into_iter().map(|(name, values)| (name, value(values))).collect()
}

impl Setting {
    /// A value for people: texts as they are, all else as JSON.
    pub fn show(value: &Value) -> String {
        match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }
    }
}
