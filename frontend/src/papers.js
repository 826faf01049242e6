// The picture of a badge follows the size that is chosen; without this script there is a button for it.

const picture = document.querySelector("[data-badge]");
const size = document.querySelector("[data-badge-format]");

const follow = () => {
  const wanted = picture.dataset.badge + encodeURIComponent(size.value);
  if (picture.getAttribute("src") !== wanted) picture.src = wanted;
};
if (picture && size) {
  size.addEventListener("change", follow);
  follow(); // a browser that comes back to the page keeps what was chosen
}
