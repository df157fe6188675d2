/* Goes on by itself where a page only passes through. Without JavaScript the button does the same. */

document.querySelector("form[data-continue]").submit();
