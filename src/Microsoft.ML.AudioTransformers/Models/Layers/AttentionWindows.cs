namespace Microsoft.ML.AudioTransformers.Models.Layers;

/// <summary>
/// The tables of window attention (Swin Transformer, Liu et al. 2021, section 3.2), which follow from sizes alone.
/// </summary>
internal static class AttentionWindows
{
    // Official code adds it to what must not be attended to.
    private const float Masked = -100;

    /// <summary>
    /// Equation 4's index into the bias table for each pair of a window's tokens, (N, N): where the second lies as seen from
    /// the first.
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
    /// Figure 4's masks, (windows, N, N): in a map that was shifted, the windows at the end hold tokens that were not
    /// neighbours, and must not see each other.
    /// </summary>
    public static float[] ShiftMask(int height, int width, int window, int shift)
    {
        int columns = width / window;
        int tokens = window * window;
        float[] mask = new float[height / window * columns * tokens * tokens];
        int[] regions = new int[tokens];
        for (int block = 0; block < height / window * columns; block++)
        {
            for (int token = 0; token < tokens; token++)
            {
                int row = (block / columns * window) + (token / window);
                int column = (block % columns * window) + (token % window);
                regions[token] = (3 * Region(row, height)) + Region(column, width);
            }

            for (int pair = 0; pair < tokens * tokens; pair++)
            {
                bool isSame = regions[pair / tokens] == regions[pair % tokens];
                mask[(block * tokens * tokens) + pair] = isSame ? 0 : Masked;
            }
        }

        return mask;

        int Region(int place, int size) => place < size - window ? 0 : place < size - shift ? 1 : 2;
    }
}
