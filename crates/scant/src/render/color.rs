//! Whether stderr gets colours. They never carry meaning.

use std::io::IsTerminal;
use std::sync::OnceLock;

static NO_COLOR: OnceLock<bool> = OnceLock::new();

/// Sets whether the user asked for no colours (<https://no-color.org>). Once, at the start.
pub(crate) fn set_no_color(no_color: bool) {
    // A second call would change nothing that was printed already.
    let _ = NO_COLOR.set(no_color);
}

/// Whether colours are wanted on stderr: it is a terminal and nobody said no.
pub(crate) fn is_wanted() -> bool {
    !NO_COLOR.get().copied().unwrap_or(false) && std::io::stderr().is_terminal()
}
