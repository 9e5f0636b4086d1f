//! File capabilities: from the text of `cap_from_text(3)` to the value of `security.capability`.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// The extended attribute that holds a file's capabilities.
pub const XATTR: &str = "security.capability";

/// The capabilities of Linux 6.1, in the order of their numbers (`capabilities(7)`).
const NAMES: [&str; 41] = [
    "chown",
    "dac_override",
    "dac_read_search",
    "fowner",
    "fsetid",
    "kill",
    "setgid",
    "setuid",
    "setpcap",
    "linux_immutable",
    "net_bind_service",
    "net_broadcast",
    "net_admin",
    "net_raw",
    "ipc_lock",
    "ipc_owner",
    "sys_module",
    "sys_rawio",
    "sys_chroot",
    "sys_ptrace",
    "sys_pacct",
    "sys_admin",
    "sys_boot",
    "sys_nice",
    "sys_resource",
    "sys_time",
    "sys_tty_config",
    "mknod",
    "lease",
    "audit_write",
    "audit_control",
    "setfcap",
    "mac_override",
    "mac_admin",
    "syslog",
    "wake_alarm",
    "block_suspend",
    "audit_read",
    "perfmon",
    "bpf",
    "checkpoint_restore",
];

/// `VFS_CAP_REVISION_2`: two words of each set, no namespace owner.
const REVISION_2: u32 = 0x0200_0000;

/// `VFS_CAP_FLAGS_EFFECTIVE`.
const EFFECTIVE: u32 = 1;

/// A text that gives no capabilities.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` gives no file capabilities: {reason}")]
pub struct CapabilityError {
    /// The text.
    pub text: String,
    /// What is wrong with it.
    pub reason: String,
}

#[derive(Default)]
struct Sets {
    permitted: u64,
    inheritable: u64,
    effective: u64,
}

/// The value of the attribute for clauses such as `cap_net_bind_service=ep` or
/// `cap_chown,cap_kill+p`.
///
/// # Errors
/// When a clause is malformed or names an unknown capability; or when capabilities are effective
/// that are not permitted, which a file cannot say: for files it is all or none.
pub fn encode<'t>(clauses: impl Iterator<Item = &'t str>) -> Result<Box<[u8]>, CapabilityError> {
    let mut sets = Sets::default();
    let mut last = "";
    for text in clauses {
        for clause in text.split_ascii_whitespace() {
            apply(&mut sets, clause).map_err(|reason| refused(text, reason))?;
        }
        last = text;
    }
    let effective = sets.effective != 0;
    if effective && sets.effective != sets.permitted | sets.inheritable {
        let reason = "for a file, either all of its capabilities are effective or none".to_string();
        return Err(refused(last, reason));
    }
    let mut value = Vec::with_capacity(20);
    value.extend((REVISION_2 | if effective { EFFECTIVE } else { 0 }).to_le_bytes());
    for shift in [0, 32] {
        value.extend(((sets.permitted >> shift) as u32).to_le_bytes());
        value.extend(((sets.inheritable >> shift) as u32).to_le_bytes());
    }
    Ok(value.into())
}

fn refused(text: &str, reason: String) -> CapabilityError {
    CapabilityError { text: text.to_string(), reason }
}

fn apply(sets: &mut Sets, clause: &str) -> Result<(), String> {
    let Some(at) = clause.find(['=', '+', '-']) else {
        return Err("it has no `=ep` or `+ep` at its end".to_string());
    };
    let (names, actions) = clause.split_at(at);
    let mask = mask(names)?;
    let (operator, flags) = actions.split_at(1);
    if let Some(flag) = flags.chars().find(|flag| !"eip".contains(*flag)) {
        return Err(format!("`{flag}` is none of the sets `e`, `i` and `p`"));
    }
    for (flag, set) in
        [('p', &mut sets.permitted), ('i', &mut sets.inheritable), ('e', &mut sets.effective)]
    {
        match (operator, flags.contains(flag)) {
            ("=" | "+", true) => *set |= mask,
            ("=", false) | ("-", true) => *set &= !mask,
            _ => {}
        }
    }
    Ok(())
}

fn mask(names: &str) -> Result<u64, String> {
    if names.is_empty() || names == "all" {
        return Ok((1 << NAMES.len()) - 1);
    }
    names.split(',').try_fold(0, |mask, name| {
        let lower = name.to_ascii_lowercase();
        let known = lower.strip_prefix("cap_").unwrap_or(&lower);
        match NAMES.iter().position(|candidate| *candidate == known) {
            Some(number) => Ok(mask | 1 << number),
            None => Err(format!("`{name}` is no capability of Linux")),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let shown = match encode(core::iter::once(text)) {
            Ok(value) => value.iter().map(|byte| format!("{byte:02x}")).collect(),
            Err(error) => error.reason,
        };
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn values_as_setcap_writes_them() {
        // setcap cap_net_bind_service=ep FILE; getfattr -e hex
        check("cap_net_bind_service=ep", "0100000200040000000000000000000000000000");
        check("cap_net_raw,cap_net_admin+p", "0000000200300000000000000000000000000000");
        check("cap_bpf=i", "0000000200000000000000000000000080000000");
    }

    #[test]
    fn what_a_file_cannot_say_is_refused() {
        check("cap_nonsense=ep", "`cap_nonsense` is no capability of Linux");
        check("cap_chown", "it has no `=ep` or `+ep` at its end");
        check("cap_chown=x", "`x` is none of the sets `e`, `i` and `p`");
        check(
            "cap_chown=ep cap_kill=p",
            "for a file, either all of its capabilities are effective or none",
        );
    }
}
