namespace NWaves.Windows;

/// <summary>The window shapes that NWaves offers, with its numbers.</summary>
public enum WindowType
{
    Rectangular = 0,
    Triangular = 1,
    Hamming = 2,
    Blackman = 3,
    Hann = 4,
    Gaussian = 5,
    Kaiser = 6,
    Kbd = 7,
    BartlettHann = 8,
    Lanczos = 9,
    PowerOfSine = 10,
    Flattop = 11,
    Liftering = 12,
}
