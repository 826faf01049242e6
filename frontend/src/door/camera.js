import { qrDetector } from "./detector.js";

const PAUSE = 60; // milliseconds between two looks: quick enough for a hand, and the phone stays cool
const FORGET = 3000; // milliseconds out of sight after which the same code is a new reading

/**
 * Reads QR codes from a camera without end; a code that stays in sight is told once.
 */
export class Camera {
  #video;
  #onText;
  #seen = new Map();
  #stream = null;
  #run = 0;

  /**
   * @param {HTMLVideoElement} video
   * @param {(text: string) => void} onText
   */
  constructor(video, onText) {
    this.#video = video;
    this.#onText = onText;
  }

  /**
   * Open a camera, the one at the phone's back unless another is named; throws what getUserMedia throws.
   * @param {string} [deviceId]
   * @param {"environment" | "user"} [facing]
   */
  async start(deviceId, facing = "environment") {
    this.stop();
    const run = ++this.#run;
    const wanted = deviceId ? { deviceId: { ideal: deviceId } } : { facingMode: facing };
    if (!navigator.mediaDevices) throw new DOMException("no secure context", "NotSupportedError");
    const detector = await qrDetector();
    const stream = await navigator.mediaDevices.getUserMedia({ video: { ...wanted, width: { ideal: 1280 } } });
    if (run !== this.#run) return stop(stream);
    this.#stream = stream;
    this.#video.srcObject = stream;
    await this.#video.play();
    void this.#look(detector, run);
  }

  stop() {
    this.#run += 1;
    if (this.#stream) stop(this.#stream);
    this.#stream = null;
    this.#video.srcObject = null;
  }

  /** Whether a camera was started and has been taken away since: phones do that when they are locked. */
  get lost() {
    return this.#stream !== null && this.#track.readyState === "ended";
  }

  /** The cameras there are; their names are known only once one was allowed. */
  async choices() {
    return (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === "videoinput");
  }

  get deviceId() {
    return this.#track?.getSettings().deviceId;
  }

  get hasTorch() {
    return Boolean(this.#track?.getCapabilities?.().torch);
  }

  /** @param {boolean} on */
  async light(on) {
    await this.#track?.applyConstraints({ advanced: [{ torch: on }] });
  }

  get #track() {
    return this.#stream?.getVideoTracks()[0];
  }

  async #look(detector, run) {
    while (run === this.#run) {
      if (this.#video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && !document.hidden) {
        // One frame that cannot be read must not end the reading.
        const codes = await detector.detect(this.#video).catch(() => []);
        if (run === this.#run) for (const { rawValue } of codes) this.#tell(rawValue);
      }
      await new Promise((done) => setTimeout(done, PAUSE));
    }
  }

  #tell(text) {
    const now = performance.now();
    const before = this.#seen.get(text);
    this.#seen.set(text, now);
    if (before === undefined || now - before > FORGET) this.#onText(text);
  }
}

function stop(stream) {
  for (const track of stream.getTracks()) track.stop();
}
