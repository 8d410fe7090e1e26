function readList() {
  throw new Refusal("no list is read yet");
}
