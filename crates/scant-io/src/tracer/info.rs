//! The call that a stopped task is in, as the kernel tells it.

/// The call that a stopped task is in: `struct ptrace_syscall_info`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub(super) struct CallInfo {
    /// 1 at its begin, 2 at its end, 3 at its begin as the filter asked.
    pub(super) at: u8,
    padding: [u8; 3],
    /// `AUDIT_ARCH_*`.
    pub(super) audit: u32,
    pub(super) instruction: u64,
    pub(super) stack: u64,
    values: [u64; 9],
}

impl CallInfo {
    pub(super) fn number(&self) -> u64 {
        self.values[0]
    }

    pub(super) fn arguments(&self) -> [u64; 6] {
        let [_, a, b, c, d, e, f, ..] = self.values;
        [a, b, c, d, e, f]
    }

    /// The error that the call ended with; none if it was done.
    pub(super) fn error(&self) -> Option<i32> {
        let failed = self.values[1].to_ne_bytes()[0] != 0;
        failed.then(|| i32::try_from(-self.values[0].cast_signed()).unwrap_or(i32::MAX))
    }
}
