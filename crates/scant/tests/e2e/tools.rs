//! The programs of others that tests need. A test whose tools are missing says so and is over;
//! with `SCANT_NO_SKIP=1` it fails instead.

use std::path::PathBuf;

/// A program, and the Debian package that has it.
pub(crate) struct Tool {
    program: &'static str,
    package: &'static str,
}

pub(crate) const BASH: Tool = tool("bash", "bash");
pub(crate) const BUILDAH: Tool = tool("buildah", "buildah");
pub(crate) const BUSYBOX: Tool = Tool { program: "/usr/bin/busybox", package: "busybox-static" };
pub(crate) const CC: Tool = tool("cc", "gcc");
pub(crate) const CRUN: Tool = tool("crun", "crun");
pub(crate) const CHROOT: Tool = tool("chroot", "coreutils");
pub(crate) const DOCKER_REGISTRY: Tool = tool("docker-registry", "docker-registry");
pub(crate) const DPKG_DEB: Tool = tool("dpkg-deb", "dpkg");
pub(crate) const GIT: Tool = tool("git", "git");
pub(crate) const GDB: Tool = tool("gdb", "gdb");
pub(crate) const HTPASSWD: Tool = tool("htpasswd", "apache2-utils");
pub(crate) const MMDEBSTRAP: Tool = tool("mmdebstrap", "mmdebstrap");
pub(crate) const MUSL_GCC: Tool = tool("musl-gcc", "musl-tools");
pub(crate) const NEWUIDMAP: Tool = tool("newuidmap", "uidmap");
pub(crate) const NGINX: Tool = tool("nginx", "nginx-light libnginx-mod-http-echo");
pub(crate) const OPENSSL: Tool = tool("openssl", "openssl");
pub(crate) const PYTHON: Tool = Tool { program: "/usr/bin/python3.11", package: "python3.11" };
pub(crate) const PYTHON3: Tool = tool("python3", "python3");
pub(crate) const QEMU_AARCH64: Tool = tool("qemu-aarch64-static", "qemu-user-static");
pub(crate) const QEMU_X86_64: Tool = tool("qemu-x86_64-static", "qemu-user-static");
pub(crate) const RG: Tool = tool("rg", "ripgrep");
pub(crate) const RUNC: Tool = tool("runc", "runc");
pub(crate) const SCRIPT: Tool = tool("script", "bsdutils");
pub(crate) const SETPRIV: Tool = tool("setpriv", "util-linux");
pub(crate) const SKOPEO: Tool = tool("skopeo", "skopeo");
pub(crate) const STRACE: Tool = tool("strace", "strace");
pub(crate) const TAR: Tool = tool("tar", "tar");
pub(crate) const UNBOUND: Tool = tool("unbound", "unbound");
pub(crate) const UNSHARE: Tool = tool("unshare", "util-linux");
pub(crate) const UMOCI: Tool = tool("umoci", "umoci");

const fn tool(program: &'static str, package: &'static str) -> Tool {
    Tool { program, package }
}

impl Tool {
    /// Its name or path.
    pub(crate) const fn program(&self) -> &'static str {
        self.program
    }
}

/// Ends the test if one of these tools is missing.
macro_rules! require {
    ($($tool:ident),+) => {
        if !$crate::tools::present(&[$(&$crate::tools::$tool),+]) {
            return;
        }
    };
}

/// The value of a `Result<_, String>`; ends the test if there is none, and says why.
macro_rules! require_ok {
    ($value:expr) => {
        match $value {
            Ok(value) => value,
            Err(reason) => return $crate::tools::skip(&reason),
        }
    };
}

pub(crate) use {require, require_ok};

/// Whether all of them are there. Says which is missing.
pub(crate) fn present(tools: &[&Tool]) -> bool {
    let missing = tools.iter().find(|tool| find(tool.program).is_none());
    if let Some(Tool { program, package }) = missing {
        skip(&format!("{program} is not installed (apt-get install {package})"));
    }
    missing.is_none()
}

/// Says that a test is not made, and why.
pub(crate) fn skip(reason: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    let strict = std::env::var_os("SCANT_NO_SKIP").is_some_and(|value| value == "1");
    assert!(!strict, "{test} must not be skipped: {reason}");
    println!("skipped: {test}: {reason}");
}

/// The path of a program: in `PATH`, or where administrators' programs are.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let directories = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/sbin".into()]);
    directories.map(|directory| directory.join(program)).find(|file| file.is_file())
}
