let audio = null;

/** Browsers let a page sound only after a tap: called at the first one. */
export function wakeSound() {
  audio ??= globalThis.AudioContext ? new AudioContext() : null;
  void audio?.resume();
}

/**
 * One high tone and a short tremble for "come in", two low tones and a long tremble for "stop".
 * @param {boolean} ok
 * @param {{sound: boolean, vibration: boolean}} settings
 */
export function feedback(ok, { sound, vibration }) {
  if (vibration) navigator.vibrate?.(ok ? 80 : [200, 80, 200]);
  if (!sound || audio?.state !== "running") return;
  if (ok) tone(880, 0, 0.12);
  else [0, 0.22].forEach((delay) => tone(220, delay, 0.18));
}

function tone(pitch, delay, length) {
  const begin = audio.currentTime + delay;
  const volume = new GainNode(audio, { gain: 0.2 });
  const oscillator = new OscillatorNode(audio, { frequency: pitch, type: "square" });
  oscillator.connect(volume).connect(audio.destination);
  oscillator.start(begin);
  oscillator.stop(begin + length);
}
