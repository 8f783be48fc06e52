import { expect } from 'chai';
import { createAssetPolicy } from '../../../lib/assets/assetPolicy.js';
import { MediaError } from '../../../operators/mediaError.js';

const isRefusal = (error: unknown) => error instanceof MediaError && error.code === 'asset_refused';

describe('createAssetPolicy', () => {
  const policy = createAssetPolicy(['http://127.0.0.1:9000', 'https://music.internal']);
  const refuses = (action: () => void) => expect(action).to.throw().and.satisfy(isRefusal);

  for (const url of [
    'file:///etc/passwd',
    'data:audio/mpeg;base64,AAAA',
    'ftp://example.com/a.mp3',
    'http://example.com/a.mp3',
    'https://user:secret@example.com/a.mp3',
    'https://user@example.com/a.mp3',
    'http://user:secret@127.0.0.1:9000/a.mp3',
    'http://127.0.0.1:9001/a.mp3',
    'https://127.0.0.1/a.mp3',
    'https://127.1/a.mp3',
    'https://2130706433/a.mp3',
    'https://017700000001/a.mp3',
    'https://0177.0.0.1/a.mp3',
    'https://0x7f.1/a.mp3',
    'https://127.0.0.1./a.mp3',
    'https://①②⑦.0.0.1/a.mp3',
    'https://0/a.mp3',
    'https://10.1.2.3/a.mp3',
    'https://172.16.0.1/a.mp3',
    'https://192.168.1.1/a.mp3',
    'https://100.64.0.1/a.mp3',
    'https://169.254.169.254/latest/meta-data',
    'https://168.63.129.16/a.mp3',
    'https://[::1]/a.mp3',
    'https://[::]/a.mp3',
    'https://[::ffff:127.0.0.1]/a.mp3',
    'https://[::ffff:a9fe:a9fe]/a.mp3',
    'https://[::127.0.0.1]/a.mp3',
    'https://[64:ff9b::7f00:1]/a.mp3',
    'https://[2002:7f00:1::]/a.mp3',
    'https://[fe80::1]/a.mp3',
    'https://[fd00:ec2::254]/a.mp3',
  ]) {
    it(`should refuse ${url}`, () => {
      refuses(() => policy.checkUrl(new URL(url)));
    });
  }

  for (const url of [
    'https://example.com/a.mp3?signature=1',
    'https://8.8.8.8/a.mp3',
    'https://[2606:4700::1111]/a.mp3',
    'http://127.0.0.1:9000/a.mp3',
    'https://music.internal/a.mp3',
  ]) {
    it(`should let ${url} pass`, () => {
      expect(() => policy.checkUrl(new URL(url))).not.to.throw();
    });
  }

  const FORBIDDEN = [
    ...['0.0.0.0', '10.0.0.1', '100.127.255.255', '127.0.0.53', '169.254.169.254', '172.31.0.1'],
    ...['192.0.0.192', '192.168.0.1', '198.18.0.1', '224.0.0.1', '240.0.0.1', '255.255.255.255'],
    ...['::', '::1', '::10.0.0.1', '::ffff:10.0.0.1', '64:ff9b::a00:1', '64:ff9b:1::a00:1'],
    ...[
      '2001:0:4136::1',
      '2001:db8::1',
      '2002:a00:1::',
      'fc00::1',
      'fe80::1%1',
      'fec0::1',
      'ff02::1',
    ],
  ];
  for (const address of FORBIDDEN) {
    it(`should refuse a name that resolves to ${address}`, () => {
      refuses(() => policy.checkAddress(new URL('https://example.com/'), address));
    });
  }

  it('should refuse what is no address at all', () => {
    refuses(() => policy.checkAddress(new URL('https://example.com/'), 'example.com'));
  });

  it('should exempt an origin whole: scheme, host and port', () => {
    const resolve = (url: string) => () => policy.checkAddress(new URL(url), '10.0.0.1');
    expect(resolve('https://music.internal/')).not.to.throw();
    refuses(resolve('https://music.internal:8443/'));
    refuses(resolve('https://voice.music.internal/'));
  });
});
