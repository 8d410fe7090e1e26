"""The models over HTTP, and the page in the browser. Needs the extra `serve`."""
