//! The `config.json` of a runtime bundle: a program, its root, and how much of the system it sees.
//! Which program and which users is decided elsewhere.
//! [Runtime specification, config](https://github.com/opencontainers/runtime-spec/blob/v1.0.2/config.md).

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use serde::Serialize;
use serde_json::{Value, json};

use super::encode;

/// The directory of a bundle that is its root.
pub const ROOT: &str = "rootfs";

/// What an image may do as its own root user: what Docker lets it do.
const CAPABILITIES: [&str; 14] = [
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_SETGID",
    "CAP_SETUID",
    "CAP_SETPCAP",
    "CAP_NET_BIND_SERVICE",
    "CAP_NET_RAW",
    "CAP_SYS_CHROOT",
    "CAP_MKNOD",
    "CAP_AUDIT_WRITE",
    "CAP_SETFCAP",
];

/// What nobody is to read: it tells of the host, or is its memory. What Docker hides.
pub const MASKED: [&str; 12] = [
    "/proc/acpi",
    "/proc/asound",
    "/proc/interrupts",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/proc/timer_list",
    "/proc/timer_stats",
    "/sys/devices/virtual/powercap",
    "/sys/firmware",
];

/// What sets the kernel, which is the host's.
pub const READ_ONLY: [&str; 5] =
    ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

/// The size of `/dev/shm` and `/run`, as an option of tmpfs: what Docker has for the first.
pub const SMALL: &str = "size=64m";

/// The size of `/tmp`, and of all else that can be written to.
pub const LARGE: &str = "size=25%";

/// What a bundle is to run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Container {
    pub arguments: Vec<String>,
    /// `NAME=value`.
    pub environment: Vec<String>,
    pub directory: String,
    pub user: u32,
    pub group: u32,
    pub groups: Vec<u32>,
    pub hostname: String,
    /// Whether the root can be written to.
    pub is_writable: bool,
    /// Whether it sees the network of the host.
    pub has_network: bool,
    /// The users and groups of a user namespace; none for those of the host.
    pub numbers: Option<Numbers>,
    /// The bytes that each file system in memory may hold; usually [`SMALL`] or [`LARGE`].
    pub memory: Option<u64>,
    /// Directories that can be written to and are forgotten.
    pub volumes: Vec<String>,
    pub mounts: Vec<Bind>,
}

/// The users and groups of a user namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Numbers {
    pub users: Vec<Stretch>,
    pub groups: Vec<Stretch>,
}

/// Numbers of the namespace, and those of the host that they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Stretch {
    #[serde(rename = "containerID")]
    pub inside: u32,
    #[serde(rename = "hostID")]
    pub outside: u32,
    #[serde(rename = "size")]
    pub count: u32,
}

/// A file or directory of the host.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Bind {
    pub source: String,
    pub target: String,
    pub read_only: bool,
}

#[derive(Serialize)]
struct Mount {
    destination: String,
    #[serde(rename = "type")]
    kind: &'static str,
    source: String,
    options: Vec<String>,
}

/// The document.
pub fn config(container: &Container) -> Vec<u8> {
    let mut kinds = alloc::vec!["ipc", "mount", "pid", "uts"];
    kinds.extend((!container.has_network).then_some("network"));
    kinds.extend(container.numbers.is_some().then_some("user"));
    let namespaces: Vec<_> = kinds.into_iter().map(|kind| json!({ "type": kind })).collect();
    let mut linux = BTreeMap::from([
        ("maskedPaths", json!(MASKED)),
        ("namespaces", json!(namespaces)),
        ("readonlyPaths", json!(READ_ONLY)),
    ]);
    if let Some(numbers) = &container.numbers {
        linux.insert("uidMappings", json!(numbers.users));
        linux.insert("gidMappings", json!(numbers.groups));
    }
    encode(&json!({
        "hostname": container.hostname,
        "linux": linux,
        "mounts": mounts(container),
        "ociVersion": "1.0.2",
        "process": process(container),
        "root": {"path": ROOT, "readonly": !container.is_writable},
    }))
}

fn process(container: &Container) -> Value {
    let bounding = CAPABILITIES.as_slice();
    // Who is not root has none, as after execve(2).
    let own = if container.user == 0 { bounding } else { &[] };
    let mut user =
        BTreeMap::from([("uid", json!(container.user)), ("gid", json!(container.group))]);
    if !container.groups.is_empty() {
        user.insert("additionalGids", json!(container.groups));
    }
    json!({
        "args": container.arguments,
        "capabilities": {"bounding": bounding, "effective": own, "permitted": own},
        "cwd": container.directory,
        "env": container.environment,
        "noNewPrivileges": true,
        "terminal": false,
        "user": user,
    })
}

fn mounts(container: &Container) -> Vec<Mount> {
    let mount = |kind, destination: &str, source: &str, options: &[&'static str]| Mount {
        destination: destination.to_string(),
        kind,
        source: source.to_string(),
        options: options.iter().map(|option| option.to_string()).collect(),
    };
    let tmpfs = |place: &str, size: &str, options: &[&'static str]| {
        let mut mount = mount("tmpfs", place, "tmpfs", options);
        mount.options.push(match container.memory {
            Some(bytes) => format!("size={bytes}"),
            None => size.to_string(),
        });
        mount
    };
    let dev = ["nosuid", "noexec", "strictatime", "mode=755", "size=65536k"];
    let mut all = alloc::vec![
        mount("proc", "/proc", "proc", &["nosuid", "noexec", "nodev"]),
        mount("tmpfs", "/dev", "tmpfs", &dev),
        mount(
            "devpts",
            "/dev/pts",
            "devpts",
            &["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620",]
        ),
        tmpfs("/dev/shm", SMALL, &["nosuid", "noexec", "nodev", "mode=1777"]),
    ];
    // The network's part of /sys is its namespace's: who does not own that gets no /sys of his own.
    all.push(match container.has_network && container.numbers.is_some() {
        true => mount("none", "/sys", "/sys", &["rbind", "nosuid", "noexec", "nodev", "ro"]),
        false => mount("sysfs", "/sys", "sysfs", &["nosuid", "noexec", "nodev", "ro"]),
    });
    // `tmpcopyup` is of runc and crun alone: what the image has there is seen.
    all.push(tmpfs("/tmp", LARGE, &["nosuid", "nodev", "mode=1777", "tmpcopyup"]));
    all.push(tmpfs("/run", SMALL, &["nosuid", "nodev", "mode=755", "tmpcopyup"]));
    let volumes = container.volumes.iter();
    all.extend(volumes.map(|volume| tmpfs(volume, LARGE, &["nosuid", "nodev", "tmpcopyup"])));
    if container.has_network {
        let resolver = "/etc/resolv.conf";
        all.push(mount("bind", resolver, resolver, &["bind", "ro", "nosuid", "nodev", "noexec"]));
    }
    all.extend(container.mounts.iter().map(|bind| {
        let access = if bind.read_only { "ro" } else { "rw" };
        mount("bind", &bind.target, &bind.source, &["rbind", access])
    }));
    all
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    fn document(container: &Container) -> Value {
        serde_json::from_slice(&config(container)).unwrap()
    }

    #[test]
    fn root_has_capabilities_and_others_have_none() {
        let root = document(&Container::default());
        assert_eq!(root["process"]["capabilities"]["effective"][0], "CAP_CHOWN");
        let user = document(&Container { user: 5, groups: vec![7], ..Container::default() });
        assert_eq!(user["process"]["capabilities"]["effective"], json!([]));
        assert_eq!(user["process"]["user"], json!({"uid": 5, "gid": 0, "additionalGids": [7]}));
    }

    #[test]
    fn the_root_is_read_only_and_there_is_no_network_unless_asked_for() {
        let network = json!({"type": "network"});
        let has = |document: &Value| {
            document["linux"]["namespaces"].as_array().unwrap().contains(&network)
        };
        let usual = document(&Container::default());
        assert_eq!(usual["root"], json!({"path": "rootfs", "readonly": true}));
        assert!(has(&usual) && usual["linux"].get("uidMappings").is_none());
        let asked = Container { is_writable: true, has_network: true, ..Container::default() };
        let asked = document(&asked);
        assert_eq!(asked["root"]["readonly"], json!(false));
        assert!(!has(&asked));
    }

    #[test]
    fn a_user_who_is_not_root_has_a_namespace_of_users() {
        let stretch = Stretch { inside: 0, outside: 1000, count: 1 };
        let numbers = Numbers { users: vec![stretch], groups: vec![stretch] };
        let document = document(&Container { numbers: Some(numbers), ..Container::default() });
        let expected = json!([{"containerID": 0, "hostID": 1000, "size": 1}]);
        assert_eq!(document["linux"]["uidMappings"], expected);
        let kinds = document["linux"]["namespaces"].as_array().unwrap();
        assert!(kinds.contains(&json!({"type": "user"})));
    }
}
