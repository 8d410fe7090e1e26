// The workshop on the start page is as high as what is in it.
addEventListener("message", ({ source, data }) => {
  for (const frame of document.querySelectorAll("iframe.workshop")) {
    if (frame.contentWindow === source && data?.workshopHeight > 0) frame.style.height = `${Math.ceil(data.workshopHeight)}px`;
  }
});
