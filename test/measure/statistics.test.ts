import { describe, expect, it } from 'vitest';
import { relativeSpread, spreadOf } from '../../lib/measure/statistics.js';

describe('spreadOf', () => {
  it('interpolates between the neighbours, in whatever order they come', () => {
    expect(spreadOf([4, 1, 3, 2])).toEqual({ median: 2.5, lowerQuartile: 1.75, upperQuartile: 3.25 });
    expect(spreadOf([9])).toEqual({ median: 9, lowerQuartile: 9, upperQuartile: 9 });
  });

  it('is not moved by an outlier', () => {
    expect(spreadOf([1, 1, 1, 1, 1000]).median).toBe(1);
  });

  it('leaves the sample as it was and refuses an empty one', () => {
    const sample = [3, 1, 2];
    spreadOf(sample);
    expect(sample).toEqual([3, 1, 2]);
    expect(() => spreadOf([])).toThrow(RangeError);
  });
});

it('states a spread as a share of the median', () => {
  expect(relativeSpread({ median: 4, lowerQuartile: 3, upperQuartile: 5 })).toBe(0.25);
});
