// Counts between two answers of the server. The numbers are seconds as the server saw them when it
// rendered the element, so the reader's own clock does not matter.
//
//   <span data-elapsed="42">0:42</span>            counts up
//   <span data-left="53">about 0:53 left</span>    counts down, then says "any moment now"
//   <span data-countdown="53">53</span>            the leader's number
//   <progress data-typical="95" data-left-bar="53">

const seen = new WeakMap();

function age(element) {
  if (!seen.has(element)) seen.set(element, performance.now());
  return (performance.now() - seen.get(element)) / 1000;
}

function words(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function tick() {
  for (const span of document.querySelectorAll("[data-elapsed]")) {
    write(span, words(Number(span.dataset.elapsed) + age(span)));
  }
  for (const span of document.querySelectorAll("[data-left]")) {
    const left = Number(span.dataset.left) - age(span);
    write(span, left > 0 ? `about ${words(left)} left` : "any moment now");
  }
  for (const span of document.querySelectorAll("[data-countdown]")) {
    const left = Math.ceil(Number(span.dataset.countdown) - age(span));
    write(span, left > 0 ? String(left) : "");
  }
  for (const bar of document.querySelectorAll("[data-left-bar]")) {
    const typical = Number(bar.dataset.typical);
    const left = Math.max(0, Number(bar.dataset.leftBar) - age(bar));
    bar.value = Math.min(95, 100 * (1 - left / typical));
  }
}

tick();
setInterval(tick, 1000);
document.addEventListener("htmx:load", tick);
