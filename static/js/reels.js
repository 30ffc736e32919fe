// <div data-reels> videos with data-reel-src </div> <button data-reels-pause hidden>
//
// Sample clips run while they are seen, without sound. Nothing is fetched before that, nothing runs for
// people who want no motion or save data, and a button stops all of them.

const calm = matchMedia("(prefers-reduced-motion: reduce)").matches || navigator.connection?.saveData;
const videos = [...document.querySelectorAll("[data-reels] [data-reel-src]")];
const button = document.querySelector("[data-reels-pause]");

let stopped = false;

function play(video) {
  if (!video.src) video.src = video.dataset.reelSrc;
  video.play().catch(() => {}); // a browser that does not let it: the poster stays
}

const seen = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    target.toggleAttribute("data-seen", isIntersecting);
    if (isIntersecting && !stopped) play(target);
    else target.pause();
  }
}, { threshold: 0.4 });

function toggle() {
  stopped = !stopped;
  button.textContent = stopped ? "Run the film" : "Stop the film";
  for (const video of videos) {
    if (stopped) video.pause();
    else if (video.hasAttribute("data-seen")) play(video);
  }
}

if (!calm && videos.length) {
  for (const video of videos) seen.observe(video);
  button.hidden = false;
  button.addEventListener("click", toggle);
}
