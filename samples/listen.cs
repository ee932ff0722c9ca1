#:project ../src/Microsoft.ML.AudioTransformers
#:property PublishAot=false

// Listens to raw samples on standard input, 16-bit little-endian, such as a microphone's, and says what a model hears in
// each window as it ends:
//   arecord -q -f S16_LE -r 44100 -c 2 | dotnet run samples/listen.cs -c Release -- words.zip 44100 2
//   ffmpeg -i tape.m4a -f s16le -ac 1 -ar 16000 - | dotnet run samples/listen.cs -c Release -- words.zip 16000 1
// The model is any classifier, tagger or action recognizer with a front end, saved by SaveAudioModel. Its Windows say how
// far apart windows are.

using System.Buffers.Binary;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.AudioTransformers;

if (args is not [string path, string rateText, string channelsText]
    || !int.TryParse(rateText, CultureInfo.InvariantCulture, out int rate)
    || !int.TryParse(channelsText, CultureInfo.InvariantCulture, out int channels))
{
    Console.Error.WriteLine("usage: dotnet run samples/listen.cs -- MODEL.zip RATE CHANNELS < samples");
    return 2;
}

MLContext mlContext = new MLContext().RegisterAudioTransformers();
using AudioModelTransformer model = mlContext.Model.Load(path, out _).AudioModel();
StreamingClassifier classifier = model.CreateStreamingClassifier(Say, rate, channels);
Console.Error.WriteLine(string.Create(
    CultureInfo.InvariantCulture,
    $"windows of {classifier.WindowSeconds:0.###} s, heard {classifier.Latency:0.###} s after a sound at the latest"));

using Stream input = Console.OpenStandardInput();
var bytes = new byte[1 << 14];
var samples = new float[bytes.Length / 2];
int kept = 0;
for (int read; (read = input.Read(bytes, kept, bytes.Length - kept)) > 0;)
{
    // A pipe may end a read between the two bytes of a sample.
    int length = kept + read;
    for (int i = 0; i < length / 2; i++)
    {
        samples[i] = BinaryPrimitives.ReadInt16LittleEndian(bytes.AsSpan(2 * i)) / 32768f;
    }

    classifier.Write(samples.AsSpan(0, length / 2));
    kept = length % 2;
    bytes[0] = bytes[length - 1];
}

classifier.Finish();
return 0;

static void Say(StreamedWindow window)
{
    string labels = "-";
    foreach (int label in window.Predicted)
    {
        string name = string.Create(
            CultureInfo.InvariantCulture, $"{window.ClassNames[label]} ({window.Scores[label]:0.00})");
        labels = labels == "-" ? name : $"{labels}, {name}";
    }

    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{window.Start,8:0.00} - {window.End:0.00} s  {labels}"));
}
