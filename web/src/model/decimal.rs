//! Numbers with a few decimals, as pictures need them.
//!
//! The page's first file holds nothing else that writes floating-point numbers: the general way
//! must be right for every number and every length, and is several times as large as this.
//!
//! Invariants:
//! 1. A rounded number is the nearest to the exact value; of two as near, the one that ends even.
//! 2. What is no number, or has no end, is written as zero: a picture never has `NaN` in it.
//! 3. Values beyond 2^53 are written whole, and beyond 1.8e16 as too small.

use std::fmt::{Display, Formatter, Result};

/// A number to be written with a fixed number of decimals, or with as many as it needs up to that.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decimal {
    value: f64,
    /// Decimals, 1 to 3.
    places: usize,
    /// Whether zeros at its end, and a point without decimals, are left out.
    short: bool,
}

/// A number with one decimal.
#[must_use]
pub fn tenths(value: f64) -> Decimal {
    Decimal { value, places: 1, short: false }
}

/// A number with two decimals.
#[must_use]
pub fn hundredths(value: f64) -> Decimal {
    Decimal { value, places: 2, short: false }
}

/// A number with three decimals.
#[must_use]
pub fn thousandths(value: f64) -> Decimal {
    Decimal { value, places: 3, short: false }
}

/// A number with as many decimals as it needs, three at most.
#[must_use]
pub fn short(value: f64) -> Decimal {
    Decimal { value, places: 3, short: true }
}

/// Values held between two others.
pub trait Between {
    /// The value, or the bound beyond which it lies.
    ///
    /// As `f64::clamp`, which brings the general way of writing numbers along, for its message of
    /// bounds in the wrong order; here the upper bound wins then.
    #[must_use]
    fn between(self, low: f64, high: f64) -> f64;
}

impl Between for f64 {
    fn between(self, low: f64, high: f64) -> f64 {
        self.max(low).min(high)
    }
}

impl Decimal {
    /// The value's size in units of its last decimal, rounded.
    fn units(self) -> u64 {
        let factor = [1, 10, 100, 1000][self.places];
        let bits = self.value.to_bits();
        let exponent = bits >> 52 & 0x7ff;
        // The value is `fraction / 2^below`, and its product with 1000 fits into 64 bits.
        let fraction = bits & ((1 << 52) - 1) | 1 << 52;
        match 1075_u64.saturating_sub(exponent) {
            _ if !self.value.is_finite() => 0,
            0 => (self.value.abs() as u64).saturating_mul(factor),
            below @ 1..=63 => {
                let product = fraction * factor;
                let (whole, rest) = (product >> below, product & ((1 << below) - 1));
                let half = 1 << (below - 1);
                whole + u64::from(rest > half || rest == half && whole % 2 == 1)
            }
            64.. => 0,
        }
    }
}

impl Display for Decimal {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let (mut units, mut places) = (self.units(), self.places);
        let whole = units / [1, 10, 100, 1000][places];
        if self.value.is_sign_negative() && self.value.is_finite() && !(self.short && units == 0) {
            f.write_str("-")?;
        }
        Display::fmt(&whole, f)?;
        units -= whole * [1, 10, 100, 1000][places];
        while self.short && places > 0 && units.is_multiple_of(10) {
            (units, places) = (units / 10, places - 1);
        }
        if places == 0 {
            return Ok(());
        }
        write!(f, ".{units:0places$}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of every size, with ties and their neighbours, of both signs.
    fn values() -> Vec<f64> {
        let mut values = vec![0.0, -0.0, 1e-300, f64::MIN_POSITIVE, 5e-324, 9e15, 9.1e15, 1e16];
        for eighths in 0..20_000 {
            let value = f64::from(eighths) / 8.0;
            values.extend([value, value.next_up(), value.next_down()]);
        }
        let mut state = 1_u64;
        for _ in 0..200_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let share = (state >> 11) as f64 / (1_u64 << 53) as f64;
            let size = 10_f64.powi((state % 22) as i32 - 8);
            values.extend([share * size, (share * 1_000.0).round() / 100.0]);
        }
        values.iter().flat_map(|value| [*value, -*value]).collect()
    }

    #[test]
    fn fixed_decimals_are_those_of_the_general_way() {
        for value in values() {
            assert_eq!(tenths(value).to_string(), format!("{value:.1}"), "{value:?}");
            assert_eq!(hundredths(value).to_string(), format!("{value:.2}"), "{value:?}");
            assert_eq!(thousandths(value).to_string(), format!("{value:.3}"), "{value:?}");
        }
    }

    #[test]
    fn short_numbers_are_the_same_within_half_a_thousandth_and_end_in_no_zero() {
        for value in values() {
            let text = short(value).to_string();
            let read: f64 = text.parse().unwrap();
            assert!((read - value).abs() <= 0.000_5 + value.abs() * 1e-15, "{value:?} {text}");
            assert!(!text.contains('.') || !text.ends_with(['0', '.']), "{value:?} {text}");
            assert!(text.split('.').nth(1).is_none_or(|decimals| decimals.len() <= 3));
        }
        let written = [0.0, -0.0, -0.000_4, 24.0, 26.4, 1.1 * 8.0, -0.125, 100.25, 0.062_5];
        let written = written.map(|value| short(value).to_string());
        assert_eq!(written, ["0", "0", "0", "24", "26.4", "8.8", "-0.125", "100.25", "0.062"]);
    }

    #[test]
    fn what_has_no_end_or_is_no_number_is_zero_in_a_picture() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(tenths(value).to_string(), "0.0");
            assert_eq!(short(value).to_string(), "0");
        }
    }

    #[test]
    fn a_value_is_held_between_its_bounds() {
        let held = [-1.0, 0.25, 7.0].map(|value: f64| value.between(0.0, 1.0));
        assert_eq!(held, [0.0, 0.25, 1.0]);
        assert_eq!(0.0.between(2.0, 1.0), 1.0);
    }
}
