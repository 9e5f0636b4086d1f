//! Checks `suggestions`. Which ids there are is known when the files of rules are read.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;

use super::Checker;
use crate::formats::manifest::raw;
use crate::formats::manifest::{Accepted, Declined, Fault, Span, Spanned, Suggestions, With};
use crate::formats::suggestion_rules::is_id;
use crate::formats::yaml::{Form, shown};

impl Checker {
    pub(super) fn suggestions(&mut self, raw: Option<raw::Suggestions>) -> Suggestions {
        let raw = raw.unwrap_or_default();
        let accept = self.all(raw.accept, Self::accepted);
        let decline = self.all(raw.decline, Self::declined);
        let said = accept.iter().map(|one| (&one.id, one.span, "accepted"));
        let said = said.chain(decline.iter().map(|one| (&one.id, one.span, "declined")));
        let mut first = BTreeMap::<&str, (Span, &str)>::new();
        let mut faults = alloc::vec::Vec::new();
        for (id, span, what) in said {
            let Some((other, was)) = first.insert(id, (span, what)) else { continue };
            let how = if was == what { "twice" } else { "and declined" };
            let message = format!("`{}` is {was} {how}", shown(id));
            faults.push(Fault::new(span, message).also(other, format!("{was} here")));
        }
        self.faults.extend(faults);
        Suggestions { files: raw.rules, rules: alloc::vec::Vec::new(), accept, decline }
    }

    fn accepted(&mut self, raw: raw::Item<raw::Accepted>) -> Option<Accepted> {
        let Spanned { value, span } = raw;
        let (id, with) = match value {
            Form::Short(id) => (Spanned { value: id, span }, None),
            Form::Long(long) => (long.id, long.with),
        };
        let with = with.unwrap_or_default().0.into_iter();
        let with = with.map(|(name, values)| With { name, values }).collect();
        Some(Accepted { span, id: self.suggestion_id(id)?, with })
    }

    fn declined(&mut self, raw: Spanned<raw::Decline>) -> Option<Declined> {
        let Spanned { value: raw::Decline(form), span } = raw;
        let value = match form {
            Form::Long(long) => *long,
            Form::Short(id) => {
                let id = shown(&id);
                let help = format!("say why it is left out: {{id: {id}, reason: ...}}");
                let message = format!("`{id}` is declined without a reason");
                return self.fault(Fault::new(span, message).help(help));
            }
        };
        if value.reason.trim().is_empty() {
            let help = "say why it is left out: whoever reads this later wants to know";
            let message = format!("`{}` is declined without a reason", shown(&value.id));
            self.faults.push(Fault::new(value.reason.span, message).help(help));
        }
        let id = self.suggestion_id(value.id)?;
        Some(Declined { span, id, reason: value.reason.value })
    }

    fn suggestion_id(&mut self, id: Spanned<String>) -> Option<String> {
        let named = ["soname:", "note:"].iter().find_map(|kind| id.strip_prefix(kind));
        if is_id(&id) || named.is_some_and(|name| !name.is_empty()) {
            return Some(id.value);
        }
        let message = format!("`{}` names no suggestion", shown(&id));
        let help =
            "write an id that `scant plan` shows, such as `glibc.gconv` or `soname:libz.so.1`";
        self.fault(Fault::new(id.span, message).help(help))
    }
}
