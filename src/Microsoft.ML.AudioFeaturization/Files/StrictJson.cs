using System.Text;
using System.Text.Json;

namespace Microsoft.ML.AudioFeaturization.Files;

/// <summary>
/// JSON of files from outside. What reads it as nodes decodes a text only when it is asked for, and then throws an exception of
/// its own where an escape is half a character (a lone surrogate, RFC 8259, section 8.2); here it is found before.
/// </summary>
internal static class StrictJson
{
    /// <summary>Checks that JSON is well formed, and that all of its names and texts are whole.</summary>
    /// <param name="json">The JSON.</param>
    /// <exception cref="JsonException">It is not.</exception>
    public static void Check(string json)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json));
        try
        {
            while (reader.Read())
            {
                if (reader is { TokenType: JsonTokenType.String or JsonTokenType.PropertyName, ValueIsEscaped: true })
                {
                    _ = reader.GetString();
                }
            }
        }
        catch (InvalidOperationException exception)
        {
            throw new JsonException($"a text is not whole: {exception.Message}", exception);
        }
    }
}
