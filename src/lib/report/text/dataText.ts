/** Text inside a data address; what may stand there as it is does, which in a table of numbers saves a quarter. */
export function dataText(text: string): string {
  return encodeURIComponent(text).replace(/%(?:2C|2F|3A|3B|3D|40|5B|5D|7B|7D)/g, decodeURIComponent);
}
