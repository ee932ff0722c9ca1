namespace Microsoft.ML.AudioTransformers.Models.Layers;

/// <summary>
/// Relative position index and attention mask of window attention (Swin Transformer, Liu et al. 2021, section 3.2), which
/// follow from sizes alone; HTS-AT and DATAR share them.
/// </summary>
internal static class AttentionWindows
{
    // Official code's score between tokens that were not neighbours, which leaves a weight of 4e-44 at equal products;
    // between a map's token and padding the score is a true minus infinity.
    private const float OtherRegion = -100;

    /// <summary>
    /// Factor of the mask where it is added to scores. Weights of 4e-44 are no normal numbers, and a processor multiplies
    /// those a hundred times more slowly; ten times the score leaves a weight of 0, which gives the same sums.
    /// </summary>
    public const double MaskFactor = 10;

    /// <summary>
    /// Relative position index, (N, N): for each pair of a window's tokens the row of equation 4's bias table, which says
    /// where the second lies as seen from the first.
    /// </summary>
    /// <param name="window">Rows and columns of a window; N is their product.</param>
    public static long[] RelativePositionIndex(int window)
    {
        int tokens = window * window;
        long[] index = new long[tokens * tokens];
        for (int query = 0; query < tokens; query++)
        {
            for (int key = 0; key < tokens; key++)
            {
                int rows = (query / window) - (key / window) + window - 1;
                int columns = (query % window) - (key % window) + window - 1;
                index[(query * tokens) + key] = (rows * ((2 * window) - 1)) + columns;
            }
        }

        return index;
    }

    /// <summary>
    /// Order of a map's points, counted row by row, in which those of a window stand together, windows and their points row
    /// by row; the map being shifted before.
    /// </summary>
    /// <param name="padded">Size of the map, whole windows.</param>
    /// <param name="window">Rows and columns of a window.</param>
    /// <param name="shift">Rows and columns that the map is shifted by.</param>
    public static long[] Order(MapSize padded, int window, MapSize shift)
    {
        int columns = padded.Width / window;
        int tokens = window * window;
        long[] order = new long[padded.Points];
        for (int place = 0; place < order.Length; place++)
        {
            (int block, int token) = (place / tokens, place % tokens);
            int row = (block / columns * window) + (token / window) + shift.Height;
            int column = (block % columns * window) + (token % window) + shift.Width;
            order[place] = ((row % padded.Height) * padded.Width) + (column % padded.Width);
        }

        return order;
    }

    /// <summary>
    /// Places of a map's points, row by row, in the <see cref="Order"/> of the map with padding at its end.
    /// </summary>
    public static long[] Places(MapSize map, MapSize padded, int window, MapSize shift)
    {
        long[] places = new long[map.Points];
        long[] order = Order(padded, window, shift);
        for (int place = 0; place < order.Length; place++)
        {
            (long row, long column) = (order[place] / padded.Width, order[place] % padded.Width);
            if (row < map.Height && column < map.Width)
            {
                places[(row * map.Width) + column] = place;
            }
        }

        return places;
    }

    /// <summary>
    /// Attention mask, (windows, N, N), the windows row by row; 0 where two tokens may see each other. In a map that was
    /// shifted, the windows at the end hold tokens that were not neighbours (figure 4); in one that was filled up to whole
    /// windows, they hold padding.
    /// </summary>
    /// <param name="map">Size of the map.</param>
    /// <param name="padded">Size of the map with padding at its end, whole windows.</param>
    /// <param name="window">Rows and columns of a window.</param>
    /// <param name="shift">Rows and columns that the padded map was shifted by, each less than a window.</param>
    public static float[] Mask(MapSize map, MapSize padded, int window, MapSize shift)
    {
        int tokens = window * window;
        var mask = new float[padded.Points * tokens];
        int next = 0;
        foreach ((int Number, bool IsPadding)[] regions in Regions(map, padded, window, shift).Chunk(tokens))
        {
            foreach ((int region, bool isPadding) in regions)
            {
                foreach ((int otherRegion, bool isOtherPadding) in regions)
                {
                    mask[next++] = isPadding != isOtherPadding ? float.NegativeInfinity
                        : region != otherRegion ? OtherRegion
                        : 0;
                }
            }
        }

        return mask;
    }

    /// <summary>
    /// Regions of the tokens of windows, (windows, N), from 0 to 8, and whether they are padding: those of a window see each
    /// other where both are the same.
    /// </summary>
    /// <inheritdoc cref="Mask"/>
    public static (int Number, bool IsPadding)[] Regions(MapSize map, MapSize padded, int window, MapSize shift)
    {
        int columns = padded.Width / window;
        int tokens = window * window;
        var regions = new (int Number, bool IsPadding)[padded.Points];
        for (int place = 0; place < regions.Length; place++)
        {
            (int block, int token) = (place / tokens, place % tokens);
            int row = (block / columns * window) + (token / window);
            int column = (block % columns * window) + (token % window);
            (int region, bool isPadding) down = Region(row, map.Height, padded.Height, shift.Height);
            (int region, bool isPadding) right = Region(column, map.Width, padded.Width, shift.Width);
            regions[place] = ((3 * down.region) + right.region, down.isPadding || right.isPadding);
        }

        return regions;

        // Which of the parts that a shift brings together a row or column is of, and whether it is padding.
        (int Region, bool IsPadding) Region(int place, int size, int padded, int shift)
        {
            int region = shift == 0 || place < padded - window ? 0 : place < padded - shift ? 1 : 2;
            return (region, (place + shift) % padded >= size);
        }
    }
}

/// <summary>Size of a map: its height, along frequency, and its width, along time.</summary>
internal readonly record struct MapSize(int Height, int Width)
{
    /// <summary>Points of the map.</summary>
    public int Points => Height * Width;

    /// <summary>
    /// Size after a convolution of this stride: of the part that it fills, or where its patches overlap of all.
    /// </summary>
    public MapSize Reduce(int stride, bool isOverlapping) => isOverlapping
        ? new MapSize(((Height - 1) / stride) + 1, ((Width - 1) / stride) + 1)
        : new MapSize(Math.Max(1, Height / stride), Math.Max(1, Width / stride));
}
