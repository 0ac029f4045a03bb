//! A place in the run as a visitor writes it: `1.23 s`, `1230ms`, `#246`.

/// Where to go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Place {
    /// After that many steps.
    Step(u64),
    /// A moment, in microseconds.
    Moment(f64),
}

/// The latest moment that can be asked for: a day.
const LATEST: f64 = 86_400_000_000.0;

impl Place {
    /// Reads a place; `None` if it is neither a moment nor a step. A number alone is seconds.
    #[must_use]
    pub fn parse(text: &str) -> Option<Place> {
        let text = text.trim();
        if let Some(step) = text.strip_prefix('#') {
            return Some(Place::Step(step.trim().parse().ok()?));
        }
        let unit = text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',');
        let (number, unit) = text.split_at(unit.unwrap_or(text.len()));
        let scale = match unit.trim() {
            "" | "s" | "sec" | "秒" => 1_000_000.0,
            "ms" | "毫秒" => 1_000.0,
            "us" | "µs" | "微秒" => 1.0,
            _ => return None,
        };
        let moment = decimal(number)? * scale;
        (moment <= LATEST).then_some(Place::Moment(moment.round()))
    }
}

/// A decimal number with a point or a comma.
fn decimal(text: &str) -> Option<f64> {
    let (whole, part) = text.split_once(['.', ',']).unwrap_or((text, ""));
    if whole.len() + part.len() == 0 || whole.len() > 12 || part.len() > 9 {
        return None;
    }
    let number = |digits: &str| match digits {
        "" => Some(0.0),
        digits => digits.parse::<u64>().ok().map(|number| number as f64),
    };
    Some(number(whole)? + number(part)? / 10_f64.powi(part.len() as i32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_people_write_it() {
        for (text, micros) in [
            ("1.23 s", 1_230_000.0),
            ("1230ms", 1_230_000.0),
            ("1,23", 1_230_000.0),
            (" 2 ", 2_000_000.0),
            (".5s", 500_000.0),
            ("1230 毫秒", 1_230_000.0),
            ("40us", 40.0),
        ] {
            assert_eq!(Place::parse(text), Some(Place::Moment(micros)), "{text}");
        }
        assert_eq!(Place::parse("#246"), Some(Place::Step(246)));
        for text in ["", "#", "soon", "1 h", "1.2.3", "-1", "#-1", "99999999999 s"] {
            assert_eq!(Place::parse(text), None, "{text}");
        }
    }
}
