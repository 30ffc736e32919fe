// <form data-order>: the second half of a slow double click must not order a second time, even
// though the first order has been answered and a new form with a new key stands in its place.

const REST = 1500; // milliseconds

let orderedAt = -Infinity;

const isOrder = (event) => event.detail.requestConfig?.elt.matches("[data-order]");

document.addEventListener("htmx:beforeRequest", (event) => {
  if (isOrder(event) && performance.now() - orderedAt < REST) event.preventDefault();
});

document.addEventListener("htmx:beforeSwap", (event) => {
  if (isOrder(event) && event.detail.xhr.status === 200) orderedAt = performance.now();
});

// What was refused is shown where it has to be changed.
document.addEventListener("htmx:load", (event) => {
  const form = event.detail.elt.matches?.("[data-order]") ? event.detail.elt : null;
  form?.querySelector('.field--bad :is(textarea, input:not([type="hidden"]), select)')?.focus();
});
