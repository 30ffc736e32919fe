// <form data-order>: the second half of a slow double click must not order a second time, even
// though the first order has been answered and a new form with a new key stands in its place.

const REST = 1500; // milliseconds

let orderedAt = -Infinity;

document.addEventListener("htmx:beforeRequest", (event) => {
  const isOrder = event.target.matches("[data-order]");
  if (isOrder && performance.now() - orderedAt < REST) event.preventDefault();
});

// What was refused is shown where it has to be changed.
document.addEventListener("htmx:load", (event) => {
  const form = event.detail.elt.matches?.("[data-order]") ? event.detail.elt : null;
  form?.querySelector('.field--bad :is(textarea, input:not([type="hidden"]), select)')?.focus();
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (event.target.matches("[data-order]") && event.detail.xhr.status === 200) {
    orderedAt = performance.now();
  }
});
