/** A sample as its median and quartiles: a busy machine gives outliers on one side only, which a mean would follow. */
export interface Spread {
  median: number;
  lowerQuartile: number;
  upperQuartile: number;
}

/** The p-quantile (0 to 1) of values in ascending order, interpolated between neighbours. */
export function quantile(ascending: readonly number[], p: number): number {
  const position = (ascending.length - 1) * p;
  const below = ascending[Math.floor(position)] as number;
  const above = ascending[Math.ceil(position)] as number;
  return below + (above - below) * (position - Math.floor(position));
}

/** Throws RangeError for an empty sample. */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError('An empty sample has no median');
  const ascending = values.toSorted((a, b) => a - b);
  return {
    median: quantile(ascending, 0.5),
    lowerQuartile: quantile(ascending, 0.25),
    upperQuartile: quantile(ascending, 0.75),
  };
}

/** Half the distance of the quartiles: what stands behind ±. */
export function plusMinus({ lowerQuartile, upperQuartile }: Spread): number {
  return (upperQuartile - lowerQuartile) / 2;
}

/** As a share of the median: 0.02 means that half of the sample lies within ±2 %. */
export function relativeSpread(spread: Spread): number {
  return plusMinus(spread) / spread.median;
}

export function scaled({ median, lowerQuartile, upperQuartile }: Spread, factor: number): Spread {
  return {
    median: median * factor,
    lowerQuartile: lowerQuartile * factor,
    upperQuartile: upperQuartile * factor,
  };
}

/** Of `dividend` divided by the sample, whose quartiles change places. */
export function inverted({ median, lowerQuartile, upperQuartile }: Spread, dividend: number): Spread {
  return {
    median: dividend / median,
    lowerQuartile: dividend / upperQuartile,
    upperQuartile: dividend / lowerQuartile,
  };
}
