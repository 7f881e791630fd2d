import { expect, it } from 'vitest';
import { crc32c, maskedCrc32c } from './crc32c.ts';

/** RFC 3720, appendix B.4. */
it.each([
  ['32 zeros', new Uint8Array(32), 0x8a9136aa],
  ['32 ones', new Uint8Array(32).fill(255), 0x62a8ab43],
  ['ascending', Uint8Array.from({ length: 32 }, (_, at) => at), 0x46dd794e],
  ['digits', Buffer.from('123456789'), 0xe3069283],
])('gives the published checksum of %s', (_, bytes, expected) => {
  expect(crc32c(bytes)).toBe(expected);
});

it('is masked as TFRecord wants it', () => {
  // crc32c of 4 zero bytes is 0x48674bc7: rotated right by 15 it is 0x978e90ce
  expect(crc32c(new Uint8Array(4))).toBe(0x48674bc7);
  expect(maskedCrc32c(new Uint8Array(4))).toBe((0x978e90ce + 0xa282ead8) >>> 0);
});
