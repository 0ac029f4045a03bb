//! A dialog that is modal as soon as it is there.

use web_sys::HtmlDialogElement;
use yew::prelude::*;

/// The node of such a dialog: the browser keeps the focus in it.
#[hook]
pub fn use_modal() -> NodeRef {
    let node = use_node_ref();
    let dialog = node.clone();
    use_effect_with((), move |()| {
        if let Some(dialog) = dialog.cast::<HtmlDialogElement>() {
            // Open already, if at all: then there is nothing to do.
            let _ = dialog.show_modal();
        }
    });
    node
}
