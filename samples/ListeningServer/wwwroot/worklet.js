// Hands the samples of its input to the page, as one channel, in blocks of 2048.
class Tap extends AudioWorkletProcessor {
  constructor() {
    super();
    this.block = new Float32Array(2048);
    this.length = 0;
  }

  process(inputs) {
    const channels = inputs[0];
    const count = channels.length ? channels[0].length : 0;
    for (let i = 0; i < count; i++) {
      let sum = 0;
      for (const channel of channels) sum += channel[i];
      this.block[this.length++] = sum / channels.length;
      if (this.length === this.block.length) {
        this.port.postMessage(this.block.slice());
        this.length = 0;
      }
    }
    return true;
  }
}

registerProcessor("tap", Tap);
