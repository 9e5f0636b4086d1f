//! Checks `checks`.

use alloc::format;
use alloc::string::String;

use super::Checker;
use crate::formats::manifest::raw;
use crate::formats::manifest::{AllowedCheck, Checks, Fault, Spanned};
use crate::formats::yaml::{nearest, shown};
use crate::words::Check;

impl Checker {
    pub(super) fn checks(&mut self, raw: Option<raw::Checks>) -> Checks {
        Checks { allow: self.all(raw.unwrap_or_default().allow, Self::allowed_check) }
    }

    fn allowed_check(&mut self, raw: Spanned<raw::AllowedCheck>) -> Option<AllowedCheck> {
        let Spanned { value: raw, span } = raw;
        let check = self.check_name(&raw.name);
        if raw.reason.trim().is_empty() {
            let fault = Fault::new(raw.reason.span, "the reason is empty");
            self.faults.push(fault.help("say why the finding is no fault of this image"));
        }
        let path = match raw.path {
            Some(glob) if self.is_glob(&glob) && self.begins_as_a_path(&glob) => Some(glob.value),
            Some(_) => return None,
            None => None,
        };
        Some(AllowedCheck { span, check: check?, path, reason: raw.reason.value })
    }

    fn check_name(&mut self, name: &Spanned<String>) -> Option<Check> {
        let check = Check::of_name(name);
        if check.is_none() {
            let fault = Fault::new(name.span, format!("there is no check `{}`", shown(name)));
            let help = match nearest(name, Check::all().map(Check::name)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`scant check --list` prints the names of all".into(),
            };
            self.faults.push(fault.help(help));
        }
        check
    }
}
