//! Which brackets are open.

/// A kind of bracket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bracket {
    /// `{`
    Brace,
    /// `[`
    Square,
}

/// Open brackets, a bit for each: no depth is too deep, and a usual one takes no memory.
#[derive(Debug, Default)]
pub(super) struct Nesting {
    /// The innermost ones; the last of them is the lowest bit.
    bits: u64,
    depth: usize,
    /// Those around them, 64 in each.
    outer: Vec<u64>,
}

impl Nesting {
    const BITS: usize = u64::BITS as usize;

    pub(super) fn open(&mut self, bracket: Bracket) {
        if self.depth > 0 && self.depth.is_multiple_of(Self::BITS) {
            self.outer.push(self.bits);
        }
        self.bits = self.bits << 1 | u64::from(bracket == Bracket::Square);
        self.depth += 1;
    }

    pub(super) fn innermost(&self) -> Option<Bracket> {
        match self.bits & 1 {
            _ if self.depth == 0 => None,
            0 => Some(Bracket::Brace),
            _ => Some(Bracket::Square),
        }
    }

    pub(super) fn close(&mut self) {
        self.bits >>= 1;
        self.depth = self.depth.saturating_sub(1);
        if self.depth.is_multiple_of(Self::BITS)
            && let Some(bits) = self.outer.pop()
        {
            self.bits = bits;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_close_in_the_reverse_order_at_any_depth() {
        let bracket = |at: u32| match at % 3 {
            0 => Bracket::Brace,
            _ => Bracket::Square,
        };
        let mut nesting = Nesting::default();
        for at in 0..1000 {
            nesting.open(bracket(at));
        }
        for at in (0..1000).rev() {
            assert_eq!(nesting.innermost(), Some(bracket(at)), "{at}");
            nesting.close();
        }
        assert_eq!(nesting.innermost(), None);
    }

    #[test]
    fn up_to_64_open_brackets_take_no_memory() {
        let mut nesting = Nesting::default();
        for _ in 0..64 {
            nesting.open(Bracket::Square);
        }
        assert_eq!(nesting.outer.capacity(), 0);
        nesting.open(Bracket::Brace);
        assert_eq!(nesting.outer, [u64::MAX]);
        nesting.close();
        assert!(nesting.outer.is_empty());
        assert_eq!(nesting.innermost(), Some(Bracket::Square));
    }
}
