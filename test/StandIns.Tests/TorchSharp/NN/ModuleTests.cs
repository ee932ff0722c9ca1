using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace AudioMLNet.StandIns.Tests.TorchSharp.NN;

[TestClass]
public class ModuleTests
{
    private sealed class Block : nn.Module<Tensor, Tensor>
    {
        private readonly Linear fc;
        private readonly Dropout drop;

        [ComponentName(Name = "gamma")]
        private readonly Parameter _scale;

        private readonly Tensor offset;

        internal Block(long width) : base(nameof(Block))
        {
            fc = nn.Linear(width, width);
            drop = nn.Dropout(0.5);
            _scale = nn.Parameter(ones(width));
            offset = arange(width, float32);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => drop.call(fc.call(input)) * _scale + offset;
    }

    private sealed class Model : nn.Module<Tensor, Tensor>
    {
        private readonly ModuleList<Block> blocks;
        private readonly Sequential head;
        private readonly BatchNorm1d norm;

        internal Model() : base("a model")
        {
            blocks = nn.ModuleList(new Block(2), new Block(2));
            head = nn.Sequential(("norm", nn.LayerNorm(2)), ("fc", nn.Linear(2, 3, hasBias: false)));
            norm = nn.BatchNorm1d(3);
            register_buffer("steps", zeros(1), persistent: false);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            Tensor x = input;
            foreach (Block block in blocks)
            {
                x = block.call(x);
            }
            return norm.call(head.call(x));
        }
    }

    private static readonly string[] ParameterNames =
    [
        "blocks.0.gamma", "blocks.0.fc.weight", "blocks.0.fc.bias", "blocks.1.gamma", "blocks.1.fc.weight",
        "blocks.1.fc.bias", "head.norm.weight", "head.norm.bias", "head.fc.weight", "norm.weight", "norm.bias",
    ];

    private static readonly string[] BufferNames =
    [
        "blocks.0.offset", "blocks.1.offset", "norm.running_mean", "norm.running_var", "norm.num_batches_tracked",
    ];

    [TestMethod]
    public void ParametersAndBuffersAreNamedByTheirFields()
    {
        using var model = new Model();

        CollectionAssert.AreEqual(ParameterNames, model.named_parameters().Select(item => item.name).ToArray());
        CollectionAssert.AreEqual(BufferNames, model.named_buffers().Select(item => item.name).ToArray());
        CollectionAssert.AreEqual(
            ParameterNames.Concat(BufferNames).ToArray(), model.state_dict().Keys.ToArray());
        Assert.AreEqual("a model", model.GetName());
    }

    [TestMethod]
    public void SubmodulesAreNamedByTheirFields()
    {
        using var model = new Model();

        CollectionAssert.AreEqual(
            new[] { "blocks", "head", "norm" }, model.named_children().Select(item => item.name).ToArray());
        CollectionAssert.IsSubsetOf(
            new[] { "blocks.1", "blocks.1.fc", "head.norm" },
            model.named_modules().Select(item => item.name).ToArray());
        Assert.AreEqual(3, model.children().Count());
        int visited = 0;
        model.apply(module => visited++);
        Assert.AreEqual(12, visited);
    }

    [TestMethod]
    public void TheStateIsTheModulesOwn()
    {
        using var model = new Model();
        Tensor gamma = model.state_dict()["blocks.1.gamma"];

        Assert.AreSame(gamma, model.get_parameter("blocks.1.gamma"));
        Assert.AreSame(model.get_buffer("norm.running_var"), model.state_dict()["norm.running_var"]);
        Assert.IsTrue(model.has_parameter("blocks.0.fc.bias"));
        Assert.IsFalse(model.has_parameter("blocks.2.fc.bias"));
        Assert.IsNull(model.get_parameter("head.fc.bias"));
    }

    [TestMethod]
    public void LoadingCopiesEveryValue()
    {
        using var from = new Model();
        using var to = new Model();
        using (no_grad())
        {
            foreach (Parameter parameter in from.parameters())
            {
                nn.init.normal_(parameter);
            }
        }

        var (missing, unexpected) = to.load_state_dict(from.state_dict());

        Assert.IsEmpty(missing);
        Assert.IsEmpty(unexpected);
        foreach (var (name, tensor) in to.state_dict())
        {
            Assert.IsTrue(tensor.allclose(from.state_dict()[name]), name);
            Assert.AreNotSame(tensor, from.state_dict()[name]);
        }
    }

    [TestMethod]
    public void LoadingStrictlyRefusesNamesThatDiffer()
    {
        using var model = new Model();
        Dictionary<string, Tensor> state = model.state_dict();
        Tensor bias = state["norm.bias"];
        state.Remove("norm.bias");
        state["norm.beta"] = bias;

        Assert.ThrowsExactly<InvalidOperationException>(() => model.load_state_dict(state));

        var (missing, unexpected) = model.load_state_dict(state, strict: false);
        CollectionAssert.AreEqual(new[] { "norm.bias" }, missing.ToArray());
        CollectionAssert.AreEqual(new[] { "norm.beta" }, unexpected.ToArray());
        model.load_state_dict(state, skip: ["norm.bias", "norm.beta"]);
    }

    [TestMethod]
    public void ANameIsRegisteredOnce()
    {
        using var model = new Model();

        Assert.ThrowsExactly<InvalidOperationException>(() => model.register_module("norm", nn.Identity()));
        Assert.ThrowsExactly<InvalidOperationException>(() => model.register_buffer("steps", zeros(1)));
        Assert.ThrowsExactly<ArgumentException>(() => model.register_module("a.b", nn.Identity()));
        Assert.ThrowsExactly<ArgumentNullException>(() => model.register_buffer("nothing", null!));
    }

    [TestMethod]
    public void TrainingIsTheModeOfTheWholeTree()
    {
        using var model = new Model();
        Assert.IsTrue(model.training);

        model.eval();

        Assert.IsFalse(model.training);
        Assert.IsFalse(model.named_modules().Single(item => item.name == "blocks.1.drop").module.training);
        Assert.IsFalse(model.named_modules().Single(item => item.name == "head.fc").module.training);
        model.train();
        Assert.IsTrue(model.named_modules().Single(item => item.name == "blocks.1.drop").module.training);
    }

    [TestMethod]
    public void ConvertingReachesEveryTensorAndTheFields()
    {
        using var model = new Model();
        Tensor input = ones(4, 2);
        model.eval();
        using Tensor before = model.call(input);

        using (NewDisposeScope())
        {
            model.to(ScalarType.Float64);
        }

        foreach (var (name, tensor) in model.state_dict())
        {
            Assert.AreEqual(ScalarType.Float64, tensor.dtype, name);
        }
        Assert.IsTrue(model.parameters().All(parameter => parameter.is_leaf && parameter.requires_grad));
        using Tensor after = model.call(input.to(ScalarType.Float64));
        Assert.IsTrue(after.to(ScalarType.Float32).allclose(before, 1e-4, 1e-5));
        Assert.ThrowsExactly<ArgumentException>(() => model.to(ScalarType.Int32));
    }

    [TestMethod]
    public void GradientsMoveAndAreClearedWithTheParameters()
    {
        using var module = new Scale();
        module.call(ones(3, 2)).sum().backward();

        module.to(ScalarType.Float64);

        Parameter factor = module.get_parameter("factor")!;
        TensorAssert.AreClose([3, 3], factor.grad!);
        Assert.AreEqual(ScalarType.Float64, factor.grad!.dtype);
        module.zero_grad(set_to_none: false);
        TensorAssert.AreClose([0, 0], factor.grad!);
        module.zero_grad();
        Assert.IsNull(factor.grad);
    }

    private sealed class Scale : nn.Module<Tensor, Tensor>
    {
        private readonly Parameter factor = nn.Parameter(ones(2));

        internal Scale() : base(nameof(Scale)) => RegisterComponents();

        public override Tensor forward(Tensor input) => input * factor;
    }

    [TestMethod]
    public void HooksSeeAndChangeCalls()
    {
        using Linear layer = nn.Linear(1, 1);
        nn.init.ones_(layer.weight!);
        nn.init.zeros_(layer.bias!);
        int calls = 0;
        var before = layer.register_forward_pre_hook((module, input) => input + 1);
        layer.register_forward_hook((module, input, output) => output * 10);
        layer.register_forward_hook(module => calls++);

        TensorAssert.AreClose([30], layer.call(tensor(new[] { 2f })));
        before.remove();
        TensorAssert.AreClose([20], layer.call(tensor(new[] { 2f })));
        Assert.AreEqual(2, calls);
    }

    [TestMethod]
    public void DisposingFreesTheWholeTree()
    {
        var model = new Model();
        Tensor[] owned = [.. model.state_dict().Values];

        model.Dispose();
        model.Dispose();

        Assert.IsTrue(owned.All(tensor => tensor.IsInvalid));
        Assert.AreEqual(0, model.parameters().Count());
    }

    [TestMethod]
    public void ASequenceCallsOneAfterAnother()
    {
        using Sequential sequence = nn.Sequential(nn.Linear(2, 3), nn.GELU(), nn.Linear(3, 1));

        TensorAssert.HasShape([4, 1], sequence.call(ones(4, 2)));
        CollectionAssert.AreEqual(
            new[] { "0.weight", "0.bias", "2.weight", "2.bias" }, sequence.state_dict().Keys.ToArray());
        Assert.AreEqual(3, sequence.Count);
        sequence.append("last", nn.Sigmoid());
        Assert.AreEqual("last", sequence.named_children().Last().name);
        using Sequential empty = nn.Sequential();
        TensorAssert.AreClose([1, 1], empty.call(ones(2)));
    }

    [TestMethod]
    public void ListsAndDictionariesNameWhatTheyHold()
    {
        using ModuleDict<Linear> heads = nn.ModuleDict(("a", nn.Linear(1, 1)), ("b", nn.Linear(1, 2)));
        using ParameterList list = nn.ParameterList(nn.Parameter(ones(1)), nn.Parameter(ones(2)));
        using ParameterDict table = nn.ParameterDict(("x", nn.Parameter(zeros(1))));
        using var holder = new Holder(heads, list, table);

        CollectionAssert.AreEquivalent(
            new[]
            {
                "heads.a.weight", "heads.a.bias", "heads.b.weight", "heads.b.bias", "list.0", "list.1", "table.x",
            },
            holder.state_dict().Keys.ToArray());
        TensorAssert.HasShape([2, 1], heads["b"].weight!);
        holder.to(float64);
        Assert.AreEqual(float64, list[1].dtype);
        Assert.AreEqual(float64, table["x"].dtype);
        Assert.AreEqual(2, heads.Count);
    }

    private sealed class Holder : nn.Module
    {
        private readonly ModuleDict<Linear> heads;
        private readonly ParameterList list;
        private readonly ParameterDict table;

        internal Holder(ModuleDict<Linear> heads, ParameterList list, ParameterDict table) : base(nameof(Holder))
        {
            this.heads = heads;
            this.list = list;
            this.table = table;
            RegisterComponents();
        }
    }
}
