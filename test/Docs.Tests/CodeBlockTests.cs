using System.Globalization;
using AudioMLNet.TestSupport;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace AudioMLNet.Docs.Tests;

/// <summary>The code in README.md and docs compiles against the libraries as they are.</summary>
[TestClass]
public sealed class CodeBlockTests
{
    private const string Implicit = """
        using System; using System.Collections.Generic; using System.IO; using System.Linq; using System.Threading;
        using System.Threading.Tasks;
        """;

    private const string ImplicitOfWeb = """
        using Microsoft.AspNetCore.Builder; using Microsoft.AspNetCore.Hosting; using Microsoft.AspNetCore.Http;
        using Microsoft.Extensions.Configuration; using Microsoft.Extensions.DependencyInjection;
        using Microsoft.Extensions.Hosting;
        """;

    // Of a fragment, which the pages show without its beginning.
    private const string Fragment = Implicit + """
         using Microsoft.ML; using Microsoft.ML.Data; using Microsoft.ML.AudioDatasets; using Microsoft.ML.AudioFeaturization;
        using Microsoft.ML.AudioTransformers; using Microsoft.ML.AutoML; using Microsoft.ML.SearchSpace;
        using Microsoft.ML.SearchSpace.Option; using Microsoft.ML.AudioTransformers.Hosting;
        using Microsoft.Extensions.DependencyInjection; using static TorchSharp.torch;
        """;

    // What fragments name and do not declare; what they declare hides it.
    private const string Given = """
        protected MLContext mlContext = null!;
        protected IDataView training = null!, validation = null!, test = null!, scored = null!, clips = null!, annotated = null!,
            found = null!, trainingSet = null!, testSet = null!;
        protected PasstOptions options = null!;
        protected IEstimator<ITransformer> pipeline = null!;
        protected SoundEventDetectionTransformer detector = null!;
        protected AudioSweep sweep = null!;
        protected float[] samples = null!;
        protected string[] audioSetClassNames = null!;
        protected IEstimator<ITransformer> Pipeline(MLContext context) => null!;
        """;

    // The same name stands for different things.
    private static readonly Dictionary<string, string> s_givenOfPages = new()
    {
        ["docs/datar.md"] = "protected ITransformer model = null!;",
        ["docs/featurization.md"] = "protected Tensor waveforms = null!;",
        ["docs/long-recordings.md"] = "protected AudioClassificationTransformer model = null!;",
        ["docs/recipes.md"] = "protected IDataView waveforms = null!; protected ITransformer model = null!;",
        ["docs/serving.md"] = """
            protected (IServiceCollection Services, int Port) builder = default;
            protected AudioModelPool pool = null!;
            protected IAsyncEnumerable<ReadOnlyMemory<float>> microphone = null!;
            protected CancellationToken cancellation = default;
            """,
        ["docs/reports.md"] = "protected TransformerChain<AudioClassificationTransformer> model = null!;",
    };

    [TestMethod]
    public void AllCodeCompiles()
    {
        string[] pages = ["README.md", .. Directory.GetFiles(Path.Combine(Checkout.Root, "docs"), "*.md")
            .Select(path => $"docs/{Path.GetFileName(path)}").Order(StringComparer.Ordinal)];
        CodeBlock[] blocks = [.. pages.SelectMany(page => CodeBlock.Read(Checkout.Root, page))];

        string[] errors = [.. Compile([.. blocks.Select(ToTree)])];

        Assert.AreEqual("", string.Join('\n', errors));
        Assert.IsGreaterThan(25, blocks.Length);
        Assert.AreEqual(3, blocks.Count(block => block.Page == "README.md"));
    }

    [TestMethod]
    public void AWrongNameIsFound()
    {
        var block = new CodeBlock("docs/new.md", 7, "mlContext.MulticlassClassification.Trainers.Pasta();");

        string error = Compile([ToTree(block, 0)]).Single();

        StringAssert.StartsWith(error, "docs/new.md:7: ");
        StringAssert.Contains(error, "'Pasta'");
    }

    /// <summary>Compiles a whole program with the usings that every project has.</summary>
    /// <returns>The errors.</returns>
    internal static IEnumerable<string> CompileProgram(string path, string text, bool isWeb = false) => Compile(
        [CSharpSyntaxTree.ParseText(Implicit + (isWeb ? ImplicitOfWeb : "") + "\n" + text, path: path)],
        OutputKind.ConsoleApplication);

    private static IEnumerable<string> Compile(
        SyntaxTree[] trees, OutputKind kind = OutputKind.DynamicallyLinkedLibrary)
    {
        string platform = (string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!;
        return CSharpCompilation.Create(
                "docs",
                trees,
                platform.Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path)),
                new CSharpCompilationOptions(kind, nullableContextOptions: NullableContextOptions.Enable))
            .GetDiagnostics()
            .Where(found => found.Severity == DiagnosticSeverity.Error)
            .Select(ToText);
    }

    private static string ToText(Diagnostic found)
    {
        FileLinePositionSpan place = found.Location.GetMappedLineSpan();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{place.Path}:{place.StartLinePosition.Line + 1}: {found.GetMessage(CultureInfo.InvariantCulture)}");
    }

    // Statements become a method's, in a namespace of the block's own; lines stay those of the page.
    private static SyntaxTree ToTree(CodeBlock block, int number)
    {
        CompilationUnitSyntax root = CSharpSyntaxTree.ParseText(block.Text).GetCompilationUnitRoot();
        bool isProgram = root.Usings.Count > 0;
        string given = isProgram ? "" : Given + s_givenOfPages.GetValueOrDefault(block.Page);
        string statements = Part(root.Members.OfType<GlobalStatementSyntax>());
        string types = Part(root.Members.Where(member => member is not GlobalStatementSyntax));
        string text = $$"""
            {{(isProgram ? Implicit : Fragment)}}
            {{root.Usings.ToFullString()}}
            namespace Block{{number}}
            {
            public class Given { {{given}} }
            public sealed class Run : Given { public async Task All() { await Task.Yield();
            {{statements}}
            #line hidden
            } }
            {{types}}
            }
            """;
        return CSharpSyntaxTree.ParseText(text);

        string Part(IEnumerable<MemberDeclarationSyntax> members)
        {
            MemberDeclarationSyntax[] all = [.. members];
            if (all.Length == 0)
            {
                return "";
            }

            int line = block.Line + root.SyntaxTree.GetLineSpan(all[0].FullSpan).StartLinePosition.Line;
            return $"#line {line} \"{block.Page}\"\n{string.Concat(all.Select(member => member.ToFullString()))}";
        }
    }
}
