//! A box whose place or length is set through the element's style object.
//!
//! The page's Content-Security-Policy refuses `style` attributes, but not what a script sets.

use web_sys::HtmlElement;
use yew::prelude::*;

/// Properties of the box.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// Its classes.
    #[prop_or_default]
    pub class: Classes,
    /// CSS properties and their values.
    pub styles: Vec<(&'static str, String)>,
    /// What is inside.
    #[prop_or_default]
    pub children: Html,
    /// Its element id, if it has one.
    #[prop_or_default]
    pub id: Option<String>,
}

/// A `div` with styles.
#[component]
pub fn Styled(props: &Props) -> Html {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with(props.styles.clone(), move |styles| {
            if let Some(element) = node.cast::<HtmlElement>() {
                for (property, value) in styles {
                    // A value that the browser refuses leaves the box where the class puts it.
                    let _ = element.style().set_property(property, value);
                }
            }
        });
    }
    html! {
        <div ref={node} class={props.class.clone()} id={props.id.clone()}>
            { props.children.clone() }
        </div>
    }
}
