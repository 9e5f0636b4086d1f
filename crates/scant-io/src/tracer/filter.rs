//! The filter that the kernel asks before each call of a traced program: a program of classic BPF
//! over `struct seccomp_data` of
//! [seccomp(2)](https://man7.org/linux/man-pages/man2/seccomp.2.html), put together here. Calls
//! that name no file are let through on the number alone, so that the kernel remembers its answer.

use super::calls::{Abi, Call, IO_URING_SETUP, X32_BIT};

/// One instruction: `struct sock_filter`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub(super) struct Instruction {
    pub(super) code: u16,
    pub(super) if_true: u8,
    pub(super) if_false: u8,
    pub(super) value: u32,
}

const LOAD: u16 = 0x20;
const JUMP: u16 = 0x05;
const IF_EQUAL: u16 = 0x15;
const IF_AT_LEAST: u16 = 0x35;
const IF_BITS: u16 = 0x45;
const RETURN: u16 = 0x06;

const ALLOW: u32 = 0x7fff_0000;
/// Tells the tracer.
pub(super) const TRACE: u32 = 0x7ff0_0000;
/// Tells the listener.
pub(super) const NOTIFY: u32 = 0x7fc0_0000;
const ERRNO: u32 = 0x0005_0000;

const NUMBER: u32 = 0;
const ARCHITECTURE: u32 = 4;

const ENOSYS: u32 = 38;
const EINVAL: u32 = 22;
const PROT_EXEC: u32 = 4;
const MAP_ANONYMOUS: u32 = 0x20;
/// A child of `clone` that the tracer would not get.
pub(super) const CLONE_UNTRACED: u32 = 0x0080_0000;

/// The lower half of an argument, on a machine that has it first.
const fn argument(index: u32) -> u32 {
    16 + 8 * index
}

const fn statement(code: u16, value: u32) -> Instruction {
    Instruction { code, if_true: 0, if_false: 0, value }
}

/// The filter for a machine with these conventions; it gives this answer to what is followed.
pub(super) fn filter(conventions: &[Abi], answer: u32) -> Vec<Instruction> {
    let mut program = vec![statement(LOAD, ARCHITECTURE)];
    // Sections are put behind each other; x32 shares the architecture and is asked for in there.
    for abi in conventions.iter().filter(|abi| !abi.is_x32()) {
        let x32 = conventions.iter().find(|other| other.audit == abi.audit && other.is_x32());
        let own = section(abi, answer);
        let other = x32.map_or_else(Vec::new, |abi| section(abi, answer));
        let mut body = vec![statement(LOAD, NUMBER)];
        if !other.is_empty() {
            body.push(Instruction { code: IF_AT_LEAST, if_true: 0, if_false: 1, value: X32_BIT });
            body.push(statement(JUMP, length(&own)));
        }
        body.extend(own);
        body.extend(other);
        program.push(Instruction { code: IF_EQUAL, if_true: 1, if_false: 0, value: abi.audit });
        program.push(statement(JUMP, length(&body)));
        program.extend(body);
    }
    program.push(statement(RETURN, ALLOW));
    program
}

/// The answers for one convention; the number is loaded. Jumps only go forward, so the answers
/// stand behind the questions.
fn section(abi: &Abi, answer: u32) -> Vec<Instruction> {
    let answers = [
        statement(RETURN, ALLOW),
        // mmap: to be executed, and of a file.
        statement(LOAD, argument(2)),
        Instruction { code: IF_BITS, if_true: 0, if_false: 4, value: PROT_EXEC },
        statement(LOAD, argument(3)),
        Instruction { code: IF_BITS, if_true: 2, if_false: 3, value: MAP_ANONYMOUS },
        // clone: every child is traced.
        statement(LOAD, argument(0)),
        Instruction { code: IF_BITS, if_true: 3, if_false: 0, value: CLONE_UNTRACED },
        statement(RETURN, ALLOW),
        statement(RETURN, answer),
        statement(RETURN, ERRNO | ENOSYS),
        statement(RETURN, ERRNO | EINVAL),
    ];
    let (map, clone, tell, no_system) = (1, 5, 8, 9);
    let x32 = if abi.is_x32() { X32_BIT } else { 0 };
    let mut questions: Vec<(u32, usize)> = abi
        .calls
        .iter()
        .map(|(number, call)| (*number, if *call == Call::Map { map } else { tell }))
        .collect();
    questions.push((x32 + IO_URING_SETUP, no_system));
    questions.push((abi.clone, clone));
    let count = questions.len();
    let ask = |(index, (number, place)): (usize, (u32, usize))| Instruction {
        code: IF_EQUAL,
        if_true: u8::try_from(count - index - 1 + place).expect("tables are short"),
        if_false: 0,
        value: number,
    };
    questions.into_iter().enumerate().map(ask).chain(answers).collect()
}

fn length(program: &[Instruction]) -> u32 {
    u32::try_from(program.len()).expect("filters are short")
}

#[cfg(test)]
mod tests {
    use super::super::calls::{ARM, INTEL};
    use super::*;

    /// What the kernel does with a filter, for the instructions used here.
    fn run(program: &[Instruction], audit: u32, number: u32, arguments: [u64; 6]) -> u32 {
        let mut data = [number.to_le_bytes(), audit.to_le_bytes(), [0; 4], [0; 4]].concat();
        data.extend(arguments.iter().flat_map(|argument| argument.to_le_bytes()));
        let (mut at, mut loaded) = (0, 0);
        loop {
            let Instruction { code, if_true, if_false, value } = program[at];
            at += 1;
            let mut branch = |taken| at += usize::from(if taken { if_true } else { if_false });
            match code {
                LOAD => {
                    let from = value as usize;
                    loaded = u32::from_le_bytes(data[from..from + 4].try_into().unwrap());
                }
                JUMP => at += value as usize,
                IF_EQUAL => branch(loaded == value),
                IF_AT_LEAST => branch(loaded >= value),
                IF_BITS => branch(loaded & value != 0),
                RETURN => return value,
                other => panic!("{other:x}"),
            }
        }
    }

    #[test]
    fn all_that_is_followed_is_told_and_nothing_else() {
        for (conventions, answer) in [(&INTEL[..], TRACE), (&ARM[..], NOTIFY)] {
            let program = filter(conventions, answer);
            assert!(program.len() < 4096);
            for abi in conventions {
                let x32 = if abi.is_x32() { X32_BIT } else { 0 };
                for number in (0..600).map(|number| x32 + number) {
                    let expected = match abi.call(u64::from(number)) {
                        // Without arguments it is no map of code.
                        Some(Call::Map) => ALLOW,
                        Some(_) => answer,
                        None if number == x32 + IO_URING_SETUP => ERRNO | ENOSYS,
                        None => ALLOW,
                    };
                    let got = run(&program, abi.audit, number, [0; 6]);
                    assert_eq!(got, expected, "{:x} {number}", abi.audit);
                }
            }
            assert_eq!(run(&program, 0x1234, 2, [0; 6]), ALLOW);
        }
    }

    #[test]
    fn maps_of_code_in_files_are_told() {
        let program = filter(&INTEL, TRACE);
        let mmap =
            |protection, flags| run(&program, INTEL[0].audit, 9, [0, 0, protection, flags, 3, 0]);
        assert_eq!(mmap(5, 2), TRACE);
        assert_eq!(mmap(1, 2), ALLOW);
        assert_eq!(mmap(3, 0x22), ALLOW);
        assert_eq!(mmap(7, 0x22), ALLOW);
    }

    #[test]
    fn children_without_a_tracer_are_refused() {
        for abi in &INTEL {
            let program = filter(&INTEL, TRACE);
            let clone = |flags| run(&program, abi.audit, abi.clone, [flags, 0, 0, 0, 0, 0]);
            assert_eq!(clone(17), ALLOW);
            assert_eq!(clone(17 | u64::from(CLONE_UNTRACED)), ERRNO | EINVAL);
        }
    }
}
