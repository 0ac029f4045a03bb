//! The names of messages under way, where there is room for them.

use std::rc::Rc;

use vivarium_protocol::base::{ServerId, SortedMap};

use super::{Mark, Placed, Props, add, crowd, set};
use crate::model::flight::{self, Family};
use crate::model::layout::{Rect, corner_areas};
use crate::narrate;

/// A name and where it stands.
struct Name {
    words: Rc<str>,
    area: Rect,
    faint: bool,
}

/// The head of each train is named, and its tail where the link is long; a name that is not clear
/// of plates, of messages and of other names is left out, for the inspector has it too.
pub fn names(placed: &[Placed], props: &Props, marks: &mut Vec<Mark>) {
    let ground = &props.ground;
    let mut taken: Vec<Rect> = ground.layout.plates.values().copied().collect();
    let corners = corner_areas(ground.layout.stage.width, ground.layout.stage.scale);
    taken.extend(corners);
    taken.extend(crowd::areas(placed, props));
    let mut heads: SortedMap<(ServerId, ServerId), Vec<&Placed>> = SortedMap::new();
    for one in placed.iter().filter(|one| is_named(one)) {
        heads.entry((one.id.from, one.id.to)).or_default().push(one);
    }
    let mut names: Vec<Name> = Vec::new();
    for (pair, train) in &heads {
        let long = ground
            .links
            .get(pair)
            .is_some_and(|link| link.length() > 190.0 * ground.layout.stage.scale);
        let tail = train.last().filter(|_| long && train.len() > 1);
        for (one, faint) in
            train.first().map(|one| (one, false)).into_iter().chain(tail.map(|one| (one, true)))
        {
            if let Some(name) = place_name(one, faint, &taken, props) {
                taken.push(name.area);
                names.push(name);
            }
        }
    }
    let size = font_size(props);
    marks.extend(names.iter().map(|name| draw_name(name, size, crowd::scale(props))));
}

fn is_named(one: &Placed) -> bool {
    let family = flight::family(&one.flight.travel);
    !one.folded
        && !one.place.lost
        && one.place.opacity == 1.0
        && family != Family::Vote
        && family != Family::Ping
}

fn font_size(props: &Props) -> f64 {
    let stage = props.ground.layout.stage;
    stage.scale * if stage.presenting { 14.0 } else { 11.5 }
}

/// The name where it is free of all that is there.
fn place_name(one: &Placed, faint: bool, taken: &[Rect], props: &Props) -> Option<Name> {
    let words = narrate::message_name(props.choices.lang, &one.flight.travel);
    let size = font_size(props);
    let (width, gap) =
        (words.chars().count() as f64 * size * 0.62, 16.0 * props.ground.layout.stage.scale);
    let (x, y) = one.point;
    let sides = [
        (x - gap - width, y - size * 0.6),
        (x + gap, y - size * 0.6),
        (x - width / 2.0, y - gap - size),
        (x - width / 2.0, y + gap),
        (x - gap * 0.7 - width, y - gap * 0.7 - size),
        (x + gap * 0.7, y - gap * 0.7 - size),
        (x - gap * 0.7 - width, y + gap * 0.7),
        (x + gap * 0.7, y + gap * 0.7),
    ];
    let stage = props.ground.layout.stage;
    let areas = sides.map(|(x, y)| Rect { x, y, width, height: size * 1.2 });
    let free = |area: &&Rect| {
        area.x > 8.0
            && area.x + area.width < stage.width - 8.0
            && area.y + area.height < stage.height
            && !taken.iter().any(|other| area.overlaps(other, 2.0))
    };
    let area = areas.iter().find(free)?;
    Some(Name { words: Rc::from(words), area: *area, faint })
}

/// A drawing is as large as its glyphs are, and `size` is in pixels.
fn draw_name(name: &Name, size: f64, scale: f64) -> Mark {
    let mut svg = String::from("<text class=\"tag");
    svg.push_str(if name.faint { " faint\"" } else { "\"" });
    set(&mut svg, "font-size", size / scale);
    add(&mut svg, &[">", &name.words, "</text>"]);
    Mark { svg, at: (name.area.x, name.area.y + size), opacity: 1.0, message: None }
}
