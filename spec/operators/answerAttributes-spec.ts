import { expect } from 'chai';
import { answerAttributes } from '../../operators/answerAttributes.js';
import { MediaError } from '../../operators/mediaError.js';

describe('answerAttributes', () => {
  it('should write every key of the answer, deleting the error of the answer before', () => {
    expect(answerAttributes({ id: 'x', status: 'playing' })).to.deep.equal({
      'media.status': 'playing',
      'media.status_command_id': 'x',
      'media.error': '',
    });
  });

  it('should write an error as code and text', () => {
    const error = new MediaError('asset_unreachable', 'the server answered 404');
    expect(answerAttributes({ id: 'x', status: 'failed', error })).to.include({
      'media.status': 'failed',
      'media.error': 'asset_unreachable: the server answered 404',
    });
  });
});
