//! A check of JSON against the part of JSON Schema 2020-12 that this repository's schemas use.
//!
//! A keyword that it does not know is an error and not a pass, so a schema cannot promise what
//! nobody checks.

use serde_json::Value;

/// Keywords that say something to people only.
const FOR_PEOPLE: [&str; 5] = ["$schema", "$id", "title", "description", "$defs"];

/// Where and why a value does not fit; nothing if it does.
#[must_use]
pub fn misfit(schema: &Value, value: &Value) -> Option<String> {
    check(schema, schema, value, "$").err()
}

fn check(root: &Value, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    let keywords = schema.as_object().expect("a schema is an object");
    for (keyword, rule) in keywords.iter().filter(|(it, _)| !FOR_PEOPLE.contains(&it.as_str())) {
        let wrong = |why: String| Err(format!("{at}: {why}"));
        let fits = match keyword.as_str() {
            "$ref" => {
                check(root, referred(root, rule), value, at)?;
                true
            }
            "type" => is_of_type(value, rule),
            "const" => value == rule,
            "enum" => listed(rule).contains(value),
            "minimum" => value.as_f64().is_none_or(|it| Some(it) >= rule.as_f64()),
            "pattern" => value.as_str().is_none_or(|it| matches(rule, it)),
            "minItems" => length(value).is_none_or(|it| Some(it) >= rule.as_u64()),
            "maxItems" => length(value).is_none_or(|it| Some(it) <= rule.as_u64()),
            "required" => listed(rule).iter().all(|name| {
                let name = name.as_str().expect("a name is text");
                value.as_object().is_none_or(|it| it.contains_key(name))
            }),
            "properties" => {
                for (name, rule) in rule.as_object().expect("properties are an object") {
                    if let Some(part) = value.get(name) {
                        check(root, rule, part, &format!("{at}.{name}"))?;
                    }
                }
                true
            }
            "additionalProperties" if *rule == Value::Bool(false) => {
                let known = keywords.get("properties").and_then(Value::as_object);
                let known = |name: &String| known.is_some_and(|it| it.contains_key(name));
                value.as_object().is_none_or(|it| it.keys().all(known))
            }
            "items" | "prefixItems" => {
                for (index, part) in value.as_array().into_iter().flatten().enumerate() {
                    let rule = if keyword == "items" { Some(rule) } else { rule.get(index) };
                    if let Some(rule) = rule {
                        check(root, rule, part, &format!("{at}[{index}]"))?;
                    }
                }
                true
            }
            "oneOf" | "anyOf" => {
                let choices = listed(rule);
                let tried: Vec<_> = choices.iter().map(|it| check(root, it, value, at)).collect();
                let fitting = tried.iter().filter(|it| it.is_ok()).count();
                if fitting == 1 || (fitting > 1 && keyword == "anyOf") {
                    true
                } else {
                    return wrong(format!("{fitting} of {} fit {value}", choices.len()));
                }
            }
            unknown => panic!("the keyword `{unknown}` is not checked"),
        };
        if !fits {
            return wrong(format!("{value} is against {keyword} {rule}"));
        }
    }
    Ok(())
}

fn referred<'a>(root: &'a Value, rule: &Value) -> &'a Value {
    let path = rule.as_str().and_then(|it| it.strip_prefix('#')).expect("a reference is local");
    root.pointer(path).unwrap_or_else(|| panic!("{path} is not in the schema"))
}

fn listed(rule: &Value) -> &Vec<Value> {
    rule.as_array().expect("the rule is a list")
}

fn length(value: &Value) -> Option<u64> {
    value.as_array().map(|it| it.len() as u64)
}

fn is_of_type(value: &Value, rule: &Value) -> bool {
    match rule.as_str().expect("a type is text") {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "integer" => value.is_i64() || value.is_u64(),
        unknown => panic!("the type `{unknown}` is not checked"),
    }
}

/// Patterns of a fixed beginning, classes of letters with `+` or a number, and fixed parts between.
fn matches(rule: &Value, text: &str) -> bool {
    let pattern = rule.as_str().expect("a pattern is text");
    let inside = pattern.strip_prefix('^').and_then(|it| it.strip_suffix('$'));
    let mut pattern = inside.expect("a pattern is about the whole text");
    let mut rest = text;
    while !pattern.is_empty() {
        if let Some(class) = pattern.strip_prefix('[') {
            let (class, after) = class.split_once(']').expect("a class is closed");
            let taken = rest.find(|c| !in_class(class, c)).unwrap_or(rest.len());
            let (fits, after) = match after.strip_prefix('{') {
                Some(after) => {
                    let (count, after) = after.split_once('}').expect("a number is closed");
                    (count.parse() == Ok(taken), after)
                }
                None => (taken > 0, after.strip_prefix('+').expect("a class repeats")),
            };
            if !fits {
                return false;
            }
            (pattern, rest) = (after, &rest[taken..]);
        } else {
            let plain = pattern.strip_prefix('\\').unwrap_or(pattern);
            let first = plain.chars().next().expect("something is escaped");
            let Some(after) = rest.strip_prefix(first) else { return false };
            (pattern, rest) = (&plain[first.len_utf8()..], after);
        }
    }
    rest.is_empty()
}

fn in_class(class: &str, c: char) -> bool {
    let letters: Vec<char> = class.chars().collect();
    let ranges = letters.windows(3).filter(|it| it[1] == '-');
    ranges.into_iter().any(|it| (it[0]..=it[2]).contains(&c))
        || letters.contains(&c) && c != '-'
        || c == '-' && class.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_does_not_fit_is_named_with_its_place() {
        let schema = json!({
            "type": "object", "required": ["zxid"], "additionalProperties": false,
            "properties": {
                "zxid": {"type": "string", "pattern": "^[0-9]+\\|[0-9]+$"},
                "to": {"type": "array", "items": {"$ref": "#/$defs/id"}},
            },
            "$defs": {"id": {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}]}},
        });
        assert_eq!(misfit(&schema, &json!({"zxid": "4|17", "to": [1, null]})), None);
        let wrong = [
            (json!({}), "$"),
            (json!({"zxid": "4-17"}), "$.zxid"),
            (json!({"zxid": "4|"}), "$.zxid"),
            (json!({"zxid": "4|1", "to": [1, 0]}), "$.to[1]"),
            (json!({"zxid": "4|1", "more": 1}), "$"),
        ];
        for (value, place) in wrong {
            let why = misfit(&schema, &value).expect("it does not fit");
            assert!(why.starts_with(&format!("{place}: ")), "{why}");
        }
    }

    #[test]
    fn patterns_are_about_the_whole_text() {
        let fits = |pattern: &str, text: &str| matches(&json!(pattern), text);
        assert!(fits("^v1\\.[A-Za-z0-9_-]+$", "v1.a-_9"));
        assert!(!fits("^v1\\.[A-Za-z0-9_-]+$", "v1.a~b"));
        assert!(!fits("^v1\\.[A-Za-z0-9_-]+$", "v1xa"));
        assert!(fits("^[0-9a-f]{16}$", "0123456789abcdef"));
        assert!(!fits("^[0-9a-f]{16}$", "0123456789abcde"));
        assert!(!fits("^0x[0-9a-f]+$", "0xG"));
    }
}
