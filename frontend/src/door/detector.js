import { BarcodeDetector as Ponyfill, prepareZXingModule } from "barcode-detector/ponyfill";

/**
 * A detector of QR codes: the browser's own where it really reads them, else zxing served by us.
 * @returns {Promise<{detect(source: CanvasImageSource): Promise<{rawValue: string}[]>}>}
 */
export async function qrDetector() {
  const native = globalThis.BarcodeDetector;
  if (native && (await native.getSupportedFormats()).includes("qr_code")) {
    return new native({ formats: ["qr_code"] });
  }
  const { wasm } = document.body.dataset;
  // Its default is another host.
  prepareZXingModule({ overrides: { locateFile: () => wasm } });
  return new Ponyfill({ formats: ["qr_code"] });
}
